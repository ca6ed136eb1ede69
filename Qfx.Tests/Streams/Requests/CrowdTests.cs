using System.Reactive.Concurrency;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

/// <summary>How many others have asked within fifteen seconds.</summary>
public sealed class CrowdTests : IStopwatch
{
    private readonly Crowd crowd;

    public CrowdTests() => crowd = new(this);

    public TimeSpan Elapsed { get; private set; } = TimeSpan.FromDays(1);

    [Fact]
    public void Each_other_domain_counts_once_however_often_it_asks()
    {
        Assert.Equal([0, 1, 1, 2, 2], new ushort[] { 1, 2, 2, 3, 1 }.Select(domid => crowd.Ask(new(domid))));
    }

    [Fact]
    public void Who_is_gone_does_not_count()
    {
        crowd.Ask(new(1));
        crowd.Ask(new(2));
        crowd.Leave(new(1));
        Assert.Equal(1, crowd.Ask(new(3)));
        Elapsed += Crowd.Window;
        Assert.Equal(0, crowd.Ask(new(3)));
    }

    [Fact]
    public void Who_has_not_asked_for_fifteen_seconds_does_not_count_any_more()
    {
        crowd.Ask(new(1));
        crowd.Ask(new(2));
        Elapsed += TimeSpan.FromSeconds(10);
        crowd.Ask(new(2));
        Elapsed += Crowd.Window - TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1);
        Assert.Equal(2, crowd.Ask(new(3)));
        Elapsed += TimeSpan.FromMilliseconds(1);
        Assert.Equal(1, crowd.Ask(new(3)));    // domain 2 has asked again since
    }
}
