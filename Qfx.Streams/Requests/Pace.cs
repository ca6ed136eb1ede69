using System.Reactive.Concurrency;

namespace Qfx.Streams.Requests;

/// <summary>How fast one domain's requests are taken: three in a row, and from then on so many a second; fewer where many are looked at at once.</summary>
/// <param name="perSecond">So many.</param>
/// <param name="running">Whose time it is; it cannot be set, or a VM would wait for as long as a clock was set back.</param>
/// <remarks>
/// A key holds one request. While it is not looked at, what a domain writes replaces what it wrote before: who floods harms itself
/// alone. Three, because a guest of 2010 writes two right after one another. A leaky bucket: how full it was at one moment is all that is remembered.
/// A look is paid for with eight times the time it took for each other domain that has asked just now (<see cref="Crowd"/>), above 32 of them: where hundreds ask, the server is so slow that none of
/// them asks often, and yet all of them together have it do nothing else. So all looks together take an eighth of one's time, and who asks seldom pays nothing.
/// </remarks>
internal sealed class Pace(int perSecond, IStopwatch running)
{
    private const int InARow = 3;
    private const int Times = 8;
    private const int NoCrowd = 32;    // others; as many as a busy host has
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    private double owed;         // requests, at that moment
    private TimeSpan at = TimeSpan.MinValue;
    private TimeSpan price = TimeSpan.FromSeconds(1) / perSecond;

    /// <summary>The time that one request has at least.</summary>
    public TimeSpan Each { get; } = TimeSpan.FromSeconds(1) / perSecond;

    /// <summary>What the time is now.</summary>
    public TimeSpan Now => running.Elapsed;

    /// <summary>Counts one that was taken.</summary>
    /// <param name="begun">When the look began (<see cref="Now"/>).</param>
    /// <param name="others">How many other domains have asked just now.</param>
    /// <returns>How long to wait before the next look; zero or less while it is one of those in a row.</returns>
    public TimeSpan Take(TimeSpan begun, int others)
    {
        var now = running.Elapsed;
        (owed, at) = (Left(now) + 1, now);
        price = (now - begun) * Times * Math.Max(0, others - NoCrowd);
        price = price < Each ? Each : price > Most ? Most : price;
        return (owed - InARow + 1) * price;
    }

    /// <summary>The requests that are not paid for yet.</summary>
    private double Left(TimeSpan now) => owed == 0 ? 0 : Math.Max(0, owed - ((now - at) / price));
}
