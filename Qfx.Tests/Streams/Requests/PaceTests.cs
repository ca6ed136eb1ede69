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
    public void Where_others_ask_a_look_is_paid_for_with_eight_times_its_time_for_each_of_them()
    {
        var pace = new Pace(20, this);
        Assert.Equal(-800, Take(pace, took: 10, others: 42).TotalMilliseconds);    // 0.8 s each, of which two more may be ahead
        Elapsed += TimeSpan.FromSeconds(1);
        Assert.Equal(-50, Take(pace, took: 100, others: 0).TotalMilliseconds);    // alone, it may take what time it likes
        Assert.Equal(-50, Take(new(20, this), took: 1, others: 38).TotalMilliseconds);    // never less than a twentieth of a second
    }

    [Fact]
    public void Thirty_two_others_are_no_crowd() => Assert.Equal(-50, Take(new(20, this), took: 1000, others: 32).TotalMilliseconds);

    [Fact]
    public void Nobody_pays_more_than_twenty_seconds() =>
        Assert.Equal(-20_000, Take(new(20, this), took: 5000, others: 500).TotalMilliseconds);

    [Fact]
    public void Three_are_in_a_row_also_when_one_was_dear_and_the_next_are_cheap()
    {
        var pace = new Pace(20, this);
        Take(pace, took: 125, others: 34);    // two seconds
        Elapsed += TimeSpan.FromSeconds(1);
        Assert.Equal(-25, Take(pace).TotalMilliseconds);    // half of it is paid for
        Assert.Equal(25, Take(pace).TotalMilliseconds);
    }

    private TimeSpan Take(Pace pace, int took = 0, int others = 0) => pace.Take(Elapsed - TimeSpan.FromMilliseconds(took), others);
}
