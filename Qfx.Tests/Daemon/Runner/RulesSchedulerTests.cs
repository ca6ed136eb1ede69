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
    public void What_it_measures_no_clock_that_is_set_can_move()
    {
        using var loop = new EventLoopScheduler();
        var watch = new RulesScheduler(new Set(loop), timers).StartStopwatch();    // as Rx asks for it: by an extension, of any scheduler
        var viaRx = ((IScheduler)new RulesScheduler(new Set(loop), timers)).StartStopwatch();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.InRange(viaRx.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
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

    /// <summary>A thread whose clock is set forth by an hour each time that somebody looks at it.</summary>
    private sealed class Set(EventLoopScheduler loop) : IScheduler, IServiceProvider
    {
        private int looks;

        public DateTimeOffset Now => loop.Now + TimeSpan.FromHours(looks++);

        public object? GetService(Type serviceType) => ((IServiceProvider)loop).GetService(serviceType);

        public IDisposable Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) => loop.Schedule(state, action);

        public IDisposable Schedule<TState>(TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action) => loop.Schedule(state, dueTime, action);

        public IDisposable Schedule<TState>(TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action) => loop.Schedule(state, dueTime, action);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Begin(RulesScheduler scheduler)
    {
        var state = new object();
        scheduler.Schedule(state, TimeSpan.FromHours(1), (_, _) => Disposable.Empty).Dispose();
        return new(state);
    }
}
