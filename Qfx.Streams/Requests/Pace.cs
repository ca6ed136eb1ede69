using System.Reactive.Concurrency;

namespace Qfx.Streams.Requests;

/// <summary>How fast one domain's requests are taken: so many in a row, and from then on so many a second.</summary>
/// <param name="perSecond">Both numbers.</param>
/// <param name="scheduler">Whose time it is.</param>
/// <remarks>
/// A key holds one request. While it is not looked at, what a domain writes replaces what it wrote before: who floods harms itself
/// alone, and costs one look for each request that is taken. The generic cell rate algorithm: one date is all that is remembered.
/// </remarks>
internal sealed class Pace(int perSecond, IScheduler scheduler)
{
    private static readonly TimeSpan Row = TimeSpan.FromSeconds(1);

    private DateTimeOffset paid = DateTimeOffset.MinValue;

    /// <summary>Counts one that was taken.</summary>
    /// <returns>How long to wait before the next look; zero or less while it is within the row.</returns>
    public TimeSpan Take()
    {
        var now = scheduler.Now;
        var each = Row / perSecond;
        paid = (paid > now ? paid : now) + each;
        return paid + each - now - Row;
    }
}
