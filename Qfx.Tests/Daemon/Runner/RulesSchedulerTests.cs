using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Runtime.CompilerServices;
using Microsoft.Reactive.Testing;
using Qfx.Daemon.Runner;

namespace Qfx.Tests.Daemon.Runner;

public sealed class RulesSchedulerTests
{
    private readonly TestScheduler thread = new();
    private readonly TestScheduler timers = new();
    private readonly List<string> done = [];
    private readonly RulesScheduler scheduler;

    public RulesSchedulerTests() => scheduler = new(thread, timers);

    [Fact]
    public void What_is_due_is_done_on_the_thread_of_the_rules()
    {
        scheduler.Schedule(TimeSpan.FromSeconds(5), () => done.Add("later"));
        scheduler.Schedule(() => done.Add("now"));
        thread.AdvanceBy(1);
        Assert.Equal(["now"], done);

        timers.AdvanceBy(TimeSpan.FromSeconds(5).Ticks);
        Assert.Equal(["now"], done);
        thread.AdvanceBy(1);
        Assert.Equal(["now", "later"], done);
    }

    [Fact]
    public void What_is_taken_back_is_not_done_before_its_time_nor_when_it_is_about_to_be()
    {
        scheduler.Schedule(TimeSpan.FromSeconds(5), () => done.Add("early")).Dispose();
        var late = scheduler.Schedule(TimeSpan.FromSeconds(5), () => done.Add("late"));
        timers.AdvanceBy(TimeSpan.FromSeconds(5).Ticks);
        late.Dispose();
        thread.AdvanceBy(TimeSpan.FromSeconds(5).Ticks);

        Assert.Empty(done);
    }

    [Fact]
    public void What_is_scheduled_by_what_is_done_is_too()
    {
        scheduler.Schedule(0, TimeSpan.FromSeconds(1), (again, _) => again.Schedule(TimeSpan.FromSeconds(1), () => done.Add("second")));
        for (var i = 0; i < 2; i++)
        {
            timers.AdvanceBy(TimeSpan.FromSeconds(1).Ticks);
            thread.AdvanceBy(1);
        }

        Assert.Equal(["second"], done);
    }

    [Fact]
    public void A_timer_that_was_taken_back_is_not_kept_until_its_time()
    {
        using var loop = new EventLoopScheduler();
        var kept = Begin(new(loop, DefaultScheduler.Instance));

        for (var i = 0; i < 10 && kept.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(kept.IsAlive);
    }

    [Fact]
    public void A_timer_that_is_up_when_the_thread_has_ended_is_nothing()
    {
        var loop = new EventLoopScheduler();
        using var timer = new RulesScheduler(loop, timers).Schedule(TimeSpan.FromSeconds(1), () => done.Add("never"));
        loop.Dispose();

        timers.AdvanceBy(TimeSpan.FromSeconds(1).Ticks);

        Assert.Empty(done);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Begin(RulesScheduler scheduler)
    {
        var state = new object();
        scheduler.Schedule(state, TimeSpan.FromHours(1), (_, _) => Disposable.Empty).Dispose();
        return new(state);
    }
}
