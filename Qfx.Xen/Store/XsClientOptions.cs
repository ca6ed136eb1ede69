using System.Reactive.Concurrency;

namespace Qfx.Xen.Store;

/// <summary>What an <see cref="XsClient"/> can be told; the defaults are right for a program that runs long.</summary>
public sealed record XsClientOptions
{
    /// <summary>For a program that asks a few things and ends: a lost connection is the end.</summary>
    public static readonly XsClientOptions ShortLived = new() { Reconnect = false };

    /// <summary>Whether a lost connection is made again, for as long as it takes (true).</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>The pauses between attempts to connect again: 20 ms to 5 s.</summary>
    public Pauses ReconnectPauses { get; init; } = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5));

    /// <summary>Attempts at one transaction before EAGAIN is given to the caller.</summary>
    /// <remarks>A guest that writes all the time can force EAGAIN for ever, so there is a bound (16).</remarks>
    public int TransactionAttempts { get; init; } = 16;

    /// <summary>The pauses between attempts at a transaction: 2 ms to 250 ms. Those of one that fails add up to 2.3 s at most.</summary>
    public Pauses TransactionPauses { get; init; } = new(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(250));

    /// <summary>Transactions that may be open at once (16). One more waits for its turn, first come first served.</summary>
    /// <remarks>
    /// At each request of a transaction xenstored walks the list of all that the client has open: a thousand at once take it ten times as long as
    /// one after another, and ten thousand a hundred times.
    /// </remarks>
    public int TransactionsAtOnce { get; init; } = 16;

    /// <summary>Paths for which events may wait for one subscriber (1,024). One more, and it gets a resync for all of them.</summary>
    public int WatchBuffer { get; init; } = 1024;

    /// <summary>
    /// Whether what follows an <c>await</c> of a request, and what subscribes to a watch, runs on the thread that reads the
    /// connection (false: on the pool's).
    /// An answer then costs one change of threads, as in libxenstore, instead of three, and requests that answers lead to leave
    /// together. In return, code that awaits without a context to go back to (<c>ConfigureAwait(false)</c>) must not block there:
    /// nothing is read meanwhile. Of a socket only; the kernel's device is the same either way.
    /// </summary>
    public bool ContinueOnReader { get; init; }

    /// <summary>Keeps the time of the pauses.</summary>
    public IScheduler Scheduler { get; init; } = DefaultScheduler.Instance;

    /// <summary>From 0 to below 1: how much of the second half of a pause is waited. Called from any thread.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}

/// <summary>Pauses that grow: each is up to twice as long as the one before.</summary>
/// <param name="First">The longest the first may be.</param>
/// <param name="Longest">Where the doubling ends.</param>
public readonly record struct Pauses(TimeSpan First, TimeSpan Longest)
{
    /// <summary>Between half and the whole of a pause that grows with the attempts made so far (1, 2, …).</summary>
    internal TimeSpan After(int attempt, Func<double> jitter)
    {
        var whole = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, attempt - 1));
        return TimeSpan.FromMilliseconds(whole * ((1 + jitter()) / 2));
    }
}
