using System.Reactive.Concurrency;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

/// <summary>Twenty in a row, then twenty a second, by a stopwatch.</summary>
public sealed class PaceTests : IStopwatch
{
    public TimeSpan Elapsed { get; private set; } = TimeSpan.FromDays(1);

    [Fact]
    public void Twenty_are_within_the_row_and_each_more_waits_for_a_twentieth_of_a_second()
    {
        var pace = new Pace(20, this);
        for (var i = 0; i < 19; i++) Assert.True(pace.Take() <= TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromMilliseconds(50), pace.Take());

        Elapsed += TimeSpan.FromMilliseconds(50);
        Assert.Equal(TimeSpan.FromMilliseconds(50), pace.Take());
        Elapsed += TimeSpan.FromSeconds(2);
        Assert.Equal(TimeSpan.FromMilliseconds(-900), pace.Take());
    }

    [Fact]
    public void Who_has_used_up_half_of_the_row_is_fast_until_that_is_paid_for()
    {
        var pace = new Pace(20, this);
        Assert.False(pace.IsFast);
        for (var i = 0; i < 9; i++) pace.Take();
        Assert.False(pace.IsFast);
        pace.Take();
        Assert.True(pace.IsFast);

        Elapsed += TimeSpan.FromMilliseconds(49);
        Assert.True(pace.IsFast);
        Elapsed += TimeSpan.FromMilliseconds(1);
        Assert.False(pace.IsFast);
    }
}
