using System.Reactive.Concurrency;

namespace Qfx.Streams.Marbles;

/// <summary>Any scheduler's time as a <see cref="TimeProvider"/>: its timers run when the scheduler does.</summary>
public sealed class SchedulerTime(IScheduler scheduler) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The same on every machine.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

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
        private bool disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (disposed) return false;
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

        public void Dispose()
        {
            disposed = true;
            version++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
