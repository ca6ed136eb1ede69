using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Lanes;

/// <summary>Lets the timers of the rules run.</summary>
public static class TimerRunner
{
    /// <summary>Runs the timers among the commands.</summary>
    /// <param name="commands">StartTimer and StopTimer; others are passed over.</param>
    /// <param name="scheduler">Whose time it is.</param>
    /// <returns>TimeUp for each timer that is neither stopped nor started again before its time.</returns>
    public static IObservable<ExchangeEvent> RunTimers(this IObservable<ExchangeCommand> commands, IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(scheduler);
        return Observable.Create<ExchangeEvent>(observer =>
        {
            var gate = new Lock();
            var running = new Dictionary<TimerId, IDisposable>();

            void Stop(TimerId timer)
            {
                if (running.Remove(timer, out var was)) was.Dispose();
            }

            void Start(TimerId timer, TimeSpan after)
            {
                Stop(timer);
                var mine = new SingleAssignmentDisposable();
                running.Add(timer, mine);
                mine.Disposable = scheduler.Schedule(after, () =>
                {
                    lock (gate)
                    {
                        if (mine.IsDisposed) return;    // stopped while it waited for the gate
                        running.Remove(timer);
                        observer.OnNext(new ExchangeEvent.TimeUp(timer));
                    }
                });
            }

            var subscription = commands.Subscribe(
                command =>
                {
                    lock (gate)
                    {
                        if (command is ExchangeCommand.StartTimer start) Start(start.Timer, start.After);
                        else if (command is ExchangeCommand.StopTimer stop) Stop(stop.Timer);
                    }
                },
                observer.OnError,
                observer.OnCompleted);
            return Disposable.Create(() =>
            {
                subscription.Dispose();
                lock (gate)
                {
                    foreach (var timer in running.Values) timer.Dispose();
                }
            });
        });
    }
}
