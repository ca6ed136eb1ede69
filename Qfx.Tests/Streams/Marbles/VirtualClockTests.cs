using System.Reactive.Concurrency;
using Qfx.Streams.Marbles;

namespace Qfx.Tests.Streams.Marbles;

public class VirtualClockTests
{
    private readonly VirtualClock clock = new(new DateTimeOffset(2010, 4, 7, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Time_is_the_same_for_who_asks_a_scheduler_and_for_who_asks_a_time_provider()
    {
        var stamp = clock.GetTimestamp();
        clock.AdvanceBy(TimeSpan.FromSeconds(90));

        Assert.Equal(TimeSpan.FromSeconds(90), clock.Elapsed);
        Assert.Equal(clock.Now, clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(90), clock.GetElapsedTime(stamp));
        Assert.Equal(new DateTimeOffset(2010, 4, 7, 0, 1, 30, TimeSpan.Zero), clock.Now);
    }

    [Fact]
    public void What_is_due_at_the_same_time_runs_in_the_order_of_asking()
    {
        var ran = "";
        clock.Schedule(TimeSpan.FromSeconds(2), () => ran += "c");
        clock.Schedule(TimeSpan.FromSeconds(1), () => ran += "a");
        using var timer = clock.CreateTimer(_ => ran += "b", null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        clock.AdvanceTo(TimeSpan.FromSeconds(2));

        Assert.Equal("abc", ran);
    }

    [Fact]
    public void A_timer_repeats_until_it_is_changed_or_disposed()
    {
        var ran = 0;
        using (var timer = clock.CreateTimer(_ => ran++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)))
        {
            clock.AdvanceBy(TimeSpan.FromSeconds(6));
            Assert.Equal(3, ran);
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            clock.AdvanceBy(TimeSpan.FromSeconds(60));
            Assert.Equal(3, ran);
            timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }

        clock.AdvanceBy(TimeSpan.FromSeconds(60));
        Assert.Equal(3, ran);
    }

    [Fact]
    public void A_timer_that_is_disposed_of_cannot_be_set_again()
    {
        var ran = 0;
        var timer = clock.CreateTimer(_ => ran++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
        timer.Dispose();

        Assert.False(timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        clock.AdvanceBy(TimeSpan.FromSeconds(60));
        Assert.Equal(0, ran);
    }

    [Fact]
    public void Its_local_time_is_the_same_on_every_machine() => Assert.Equal(clock.GetUtcNow(), clock.GetLocalNow());
}
