using System.Reactive.Concurrency;

namespace Qfx.Streams.Requests;

/// <summary>How fast one domain's requests are taken: three in a row, and from then on so many a second.</summary>
/// <param name="perSecond">So many.</param>
/// <param name="running">Whose time it is; it cannot be set, or a VM would wait for as long as a clock was set back.</param>
/// <remarks>
/// A key holds one request. While it is not looked at, what a domain writes replaces what it wrote before: who floods harms itself
/// alone. Three, because a guest of 2010 writes two right after one another. The generic cell rate algorithm: one moment is all that is remembered.
/// </remarks>
internal sealed class Pace(int perSecond, IStopwatch running)
{
    private const int InARow = 3;

    private TimeSpan paid = TimeSpan.MinValue;

    /// <summary>The time that one request has.</summary>
    public TimeSpan Each { get; } = TimeSpan.FromSeconds(1) / perSecond;

    /// <summary>Counts one that was taken.</summary>
    /// <returns>How long to wait before the next look; zero or less while it is one of those in a row.</returns>
    public TimeSpan Take()
    {
        var now = running.Elapsed;
        paid = (paid > now ? paid : now) + Each;
        return paid - now - (Each * (InARow - 1));
    }
}
