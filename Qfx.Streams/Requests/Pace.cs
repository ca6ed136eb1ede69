using System.Reactive.Concurrency;

namespace Qfx.Streams.Requests;

/// <summary>How fast one domain's requests are taken: so many in a row, and from then on so many a second.</summary>
/// <param name="perSecond">Both numbers.</param>
/// <param name="running">Whose time it is; it cannot be set, or a VM would wait for as long as a clock was set back.</param>
/// <remarks>
/// A key holds one request. While it is not looked at, what a domain writes replaces what it wrote before: who floods harms itself
/// alone, and costs one look for each request that is taken. The generic cell rate algorithm: one moment is all that is remembered.
/// </remarks>
internal sealed class Pace(int perSecond, IStopwatch running)
{
    private static readonly TimeSpan Row = TimeSpan.FromSeconds(1);

    private TimeSpan paid = TimeSpan.MinValue;

    /// <summary>Whether more than half of the row is used up: no person and no tool of ours asks that fast.</summary>
    public bool IsFast => Next(running.Elapsed) > Row / 2;

    /// <summary>Counts one that was taken.</summary>
    /// <returns>How long to wait before the next look; zero or less while it is within the row.</returns>
    public TimeSpan Take()
    {
        var now = running.Elapsed;
        paid = now + Next(now);
        return paid + (Row / perSecond) - now - Row;
    }

    /// <summary>From now until one more is paid for.</summary>
    private TimeSpan Next(TimeSpan now) => (paid > now ? paid - now : TimeSpan.Zero) + (Row / perSecond);
}
