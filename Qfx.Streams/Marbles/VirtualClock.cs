using System.Reactive.Concurrency;

namespace Qfx.Streams.Marbles;

/// <summary>Time that goes by only when it is told to: for what asks an <see cref="IScheduler"/> and for what asks a <see cref="TimeProvider"/>.</summary>
/// <remarks>System.Reactive's own virtual-time scheduler does the work. What is due at the same time runs in the order of asking. For one thread.</remarks>
public sealed class VirtualClock : TimeProvider, IScheduler
{
    private readonly HistoricalScheduler time;
    private readonly DateTimeOffset start;
    private readonly SchedulerTime timers;

    /// <summary>A clock.</summary>
    /// <param name="start">The time that it shows; the beginning of 1970 unless said otherwise.</param>
    public VirtualClock(DateTimeOffset? start = null)
    {
        this.start = start ?? DateTimeOffset.UnixEpoch;
        time = new(this.start);
        timers = new(time);
    }

    /// <inheritdoc/>
    public DateTimeOffset Now => time.Now;

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => time.Now - start;

    /// <inheritdoc/>
    public override long TimestampFrequency => timers.TimestampFrequency;

    /// <summary>Lets time go by, and everything happen that is due meanwhile.</summary>
    public void AdvanceBy(TimeSpan span) => time.AdvanceBy(span);

    /// <summary>The same until so long after the start.</summary>
    public void AdvanceTo(TimeSpan elapsed) => time.AdvanceTo(start + elapsed);

    /// <inheritdoc/>
    public IDisposable Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) => time.Schedule(state, action);

    /// <inheritdoc/>
    public IDisposable Schedule<TState>(TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action) => time.Schedule(state, dueTime, action);

    /// <inheritdoc/>
    public IDisposable Schedule<TState>(TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action) => time.Schedule(state, dueTime, action);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => timers.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => timers.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => timers.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        timers.CreateTimer(callback, state, dueTime, period);
}
