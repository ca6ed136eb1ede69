using System.Reactive.Concurrency;

namespace Qfx.Xen.Store;

/// <summary>What an <see cref="XsClient"/> can be told; the defaults are right for a program.</summary>
public sealed record XsClientOptions
{
    /// <summary>Attempts at one transaction before EAGAIN is given to the caller.</summary>
    /// <remarks>A guest that writes all the time can force EAGAIN for ever, so there is a bound (16).</remarks>
    public int TransactionAttempts { get; init; } = 16;

    /// <summary>The longest pause after the first attempt (2 ms); it doubles with every further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Where the doubling ends (250 ms). All pauses of a transaction that fails add up to 2.3 s at most.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Keeps the time of the pauses.</summary>
    public IScheduler Scheduler { get; init; } = DefaultScheduler.Instance;

    /// <summary>From 0 to below 1: how much of the second half of a pause is waited. Called from any thread.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>Between half and the whole of a pause that grows with the attempts made so far (1, 2, …).</summary>
    internal TimeSpan PauseAfter(int attempt)
    {
        var whole = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1));
        return TimeSpan.FromMilliseconds(whole * ((1 + Jitter()) / 2));
    }
}
