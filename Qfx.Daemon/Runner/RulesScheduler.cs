using System.Reactive.Concurrency;
using System.Reactive.Disposables;

namespace Qfx.Daemon.Runner;

/// <summary>The thread of the rules, with timers that are gone when they are taken back.</summary>
/// <param name="thread">Where everything is done, one thing at a time.</param>
/// <param name="timers">Who waits.</param>
/// <remarks>
/// An event loop of Rx keeps a timer that was taken back until its time has come. Those of questions and waits are hours long, and each request may
/// begin one. Its stopwatches are the thread's, which no clock that is set can move: Rx asks for them through IServiceProvider, and makes do with
/// <see cref="Now"/> where there is none.
/// </remarks>
internal sealed class RulesScheduler(IScheduler thread, IScheduler timers) : IScheduler, IStopwatchProvider, IServiceProvider
{
    public DateTimeOffset Now => thread.Now;

    public IStopwatch StartStopwatch() => thread.StartStopwatch();

    public object? GetService(Type serviceType) => serviceType == typeof(IStopwatchProvider) ? this : null;

    public IDisposable Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) =>
        thread.Schedule(state, (_, s) => action(this, s));

    public IDisposable Schedule<TState>(TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action) =>
        Schedule(state, dueTime - Now, action);

    public IDisposable Schedule<TState>(TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action)
    {
        if (dueTime <= TimeSpan.Zero) return Schedule(state, action);
        var run = new SingleAssignmentDisposable();
        var timer = timers.Schedule(dueTime, () =>
        {
            try
            {
                run.Disposable = Schedule(state, action);
            }
            catch (ObjectDisposedException)
            {
                // The daemon has ended, and its thread with it.
            }
        });
        return StableCompositeDisposable.Create(timer, run);
    }
}
