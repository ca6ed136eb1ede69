using System.Reactive.Concurrency;

namespace Qfx.Streams.Marbles;

/// <summary>Any scheduler's time as a <see cref="TimeProvider"/>: its timers run when the scheduler does.</summary>
public sealed class SchedulerTime(IScheduler scheduler) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => scheduler.Now.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(scheduler, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(IScheduler scheduler, TimerCallback callback, object? state) : ITimer
    {
        private int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            scheduler.Schedule(dueTime, () =>
            {
                if (mine != version) return;
                callback(state);
                if (mine == version && period > TimeSpan.Zero) Change(period, period);
            });
            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
