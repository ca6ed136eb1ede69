using System.Collections.Concurrent;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;

namespace Qfx.Tests.Support;

/// <summary>A scheduler on which every pause is over at once, and written down.</summary>
internal sealed class PromptScheduler : LocalScheduler
{
    private readonly ConcurrentQueue<TimeSpan> pauses = new();
    private DateTimeOffset now = DateTimeOffset.UnixEpoch;

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyCollection<TimeSpan> Pauses => pauses;

    /// <summary>If set, called instead of ending a pause, which then never ends.</summary>
    public Action? DuringPause { get; set; }

    /// <summary>If set, called in each pause, which then ends.</summary>
    public Action? InPause { get; set; }

    public override DateTimeOffset Now => now;

    public override IDisposable Schedule<TState>(TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action)
    {
        pauses.Enqueue(dueTime);
        now += dueTime;
        InPause?.Invoke();
        if (DuringPause is null) return action(this, state);
        DuringPause();
        return Disposable.Empty;
    }
}
