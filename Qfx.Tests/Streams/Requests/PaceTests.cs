using System.Reactive.Concurrency;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

/// <summary>Three in a row, then twenty a second, by a stopwatch; fewer where many ask.</summary>
public sealed class PaceTests : IStopwatch
{
    public TimeSpan Elapsed { get; private set; } = TimeSpan.FromDays(1);

    [Fact]
    public void Three_are_in_a_row_and_each_more_waits_for_a_twentieth_of_a_second()
    {
        var pace = new Pace(20, this);
        Assert.Equal([-50, 0, 50], Enumerable.Range(0, 3).Select(_ => Take(pace).TotalMilliseconds));

        Elapsed += TimeSpan.FromMilliseconds(50);
        Assert.Equal(50, Take(pace).TotalMilliseconds);
        Elapsed += TimeSpan.FromMilliseconds(100);
        Assert.Equal(0, Take(pace).TotalMilliseconds);
        Elapsed += TimeSpan.FromHours(1);
        Assert.Equal(-50, Take(pace).TotalMilliseconds);
    }

    [Fact]
    public void Where_many_ask_a_look_is_paid_for_with_its_time_as_often_as_there_are_others()
    {
        var pace = new Pace(20, this);
        Assert.Equal(-1000, Take(pace, took: 100, crowd: 11).TotalMilliseconds);    // a second each, of which two more may be ahead
        Elapsed += TimeSpan.FromSeconds(1);
        Assert.Equal(-50, Take(pace, took: 100, crowd: 1).TotalMilliseconds);    // alone, it may take what time it likes
        Assert.Equal(-50, Take(new(20, this), took: 4, crowd: 12).TotalMilliseconds);    // never less than a twentieth of a second
    }

    [Fact]
    public void Nobody_pays_more_than_thirty_times_as_much_nor_more_than_five_seconds()
    {
        Assert.Equal(-3000, Take(new(20, this), took: 100, crowd: 500).TotalMilliseconds);
        Assert.Equal(-5000, Take(new(20, this), took: 5000, crowd: 500).TotalMilliseconds);
    }

    [Fact]
    public void Three_are_in_a_row_also_when_one_was_dear_and_the_next_are_cheap()
    {
        var pace = new Pace(20, this);
        Take(pace, took: 1000, crowd: 3);    // two seconds
        Elapsed += TimeSpan.FromSeconds(1);
        Assert.Equal(-25, Take(pace).TotalMilliseconds);    // half of it is paid for
        Assert.Equal(25, Take(pace).TotalMilliseconds);
    }

    private TimeSpan Take(Pace pace, int took = 0, int crowd = 1) => pace.Take(Elapsed - TimeSpan.FromMilliseconds(took), crowd);
}
