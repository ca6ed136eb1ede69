using System.Reactive.Concurrency;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

/// <summary>Three in a row, then twenty a second, by a stopwatch.</summary>
public sealed class PaceTests : IStopwatch
{
    public TimeSpan Elapsed { get; private set; } = TimeSpan.FromDays(1);

    [Fact]
    public void Three_are_in_a_row_and_each_more_waits_for_a_twentieth_of_a_second()
    {
        var pace = new Pace(20, this);
        Assert.Equal([-50, 0, 50], Enumerable.Range(0, 3).Select(_ => pace.Take().TotalMilliseconds));

        Elapsed += TimeSpan.FromMilliseconds(50);
        Assert.Equal(50, pace.Take().TotalMilliseconds);
        Elapsed += TimeSpan.FromMilliseconds(100);
        Assert.Equal(0, pace.Take().TotalMilliseconds);
        Elapsed += TimeSpan.FromHours(1);
        Assert.Equal(-50, pace.Take().TotalMilliseconds);
    }
}
