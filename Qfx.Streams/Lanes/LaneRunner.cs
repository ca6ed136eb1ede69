using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Lanes;

/// <summary>Carries effects out, one after the other in each lane, the lanes side by side.</summary>
public static class LaneRunner
{
    /// <summary>How long an effect that was called off, or took too long, may take to end; then its lane goes on without it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Runs the effects among the commands.</summary>
    /// <param name="commands">Effects, and commands that call effects off; others are passed over.</param>
    /// <param name="execute">
    /// Does one effect: brings what happens on the way and its outcome, and completes. When the token is cancelled it ends
    /// soon, with its outcome if there is one, else without.
    /// </param>
    /// <param name="scheduler">Measures the time that an effect takes.</param>
    /// <returns>
    /// What the effects bring. One that ends without an outcome brings <see cref="ExchangeCommand.Effect.Fail"/>. An error is a
    /// fault of the program and ends it all. What waits in a lane is bounded by the rules: a question a VM, a few commands a
    /// pendrive; of statuses for one domain only the newest waits.
    /// </returns>
    public static IObservable<ExchangeEvent> RunInLanes(
        this IObservable<ExchangeCommand> commands,
        Func<ExchangeCommand.Effect, CancellationToken, IObservable<ExchangeEvent>> execute,
        IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(execute);
        ArgumentNullException.ThrowIfNull(scheduler);
        return Observable.Create<ExchangeEvent>(observer =>
        {
            var lanes = new Lanes(execute, scheduler, observer);
            return StableCompositeDisposable.Create(
                commands.Subscribe(lanes.Take, observer.OnError, observer.OnCompleted), lanes);
        });
    }

    private sealed class Lanes(
        Func<ExchangeCommand.Effect, CancellationToken, IObservable<ExchangeEvent>> execute,
        IScheduler scheduler,
        IObserver<ExchangeEvent> observer) : IDisposable
    {
        private readonly Lock gate = new();
        private readonly Dictionary<Lane, LinkedList<Run>> queues = [];
        private bool disposed;

        public void Take(ExchangeCommand command)
        {
            lock (gate)
            {
                if (disposed) return;
                switch (command)
                {
                    case ExchangeCommand.Effect effect:
                        Enqueue(effect);
                        break;
                    case ExchangeCommand.CallOff off when queues.TryGetValue(off.Lane, out var queue):
                        if (queue.FirstOrDefault(run => off.Means(run.Effect)) is { } meant) CallOff(meant, queue);
                        break;
                }
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                disposed = true;
                foreach (var queue in queues.Values) queue.First?.Value.Dispose();
            }
        }

        private void Enqueue(ExchangeCommand.Effect effect)
        {
            var run = new Run(effect);
            if (!queues.TryGetValue(effect.Lane, out var queue))
            {
                queues.Add(effect.Lane, queue = []);
                queue.AddLast(run);
                Start(run);
                return;
            }

            if (effect is ExchangeCommand.WriteStatus && queue.Count > 1) queue.RemoveLast();
            queue.AddLast(run);
        }

        private void CallOff(Run run, LinkedList<Run> queue)
        {
            if (run == queue.First!.Value)
            {
                Break(run, Failure.Interrupted);
            }
            else
            {
                queue.Remove(run);
                Report(run.Effect.Fail(Failure.Interrupted));
            }
        }

        private void Start(Run run)
        {
            if (run.Effect.Limit is { } limit)
                run.Timer.Disposable = scheduler.Schedule(limit, () => Locked(run, () => Break(run, Failure.TimedOut)));
            run.Subscription.Disposable = execute(run.Effect, run.Cancel.Token).Subscribe(
                happened => Locked(run, () =>
                {
                    run.HasOutcome |= happened is not ExchangeEvent.QuestionShown;
                    observer.OnNext(happened);
                }),
                observer.OnError,
                () => Locked(run, () => End(run, run.Broken ?? new(Requests.StatusCode.Failed, "it ended without an outcome"))));
        }

        private void Break(Run run, Failure failure)
        {
            if (run.Broken is not null) return;
            run.Broken = failure;
            run.Timer.Disposable = scheduler.Schedule(Grace, () => Locked(run, () => End(run, failure)));
            run.Cancel.Cancel();
        }

        private void End(Run run, Failure failure)
        {
            run.Ended = true;
            run.Dispose();
            if (!run.HasOutcome) Report(run.Effect.Fail(failure));
            var queue = queues[run.Effect.Lane];
            queue.RemoveFirst();
            if (queue.First is { } next) Start(next.Value);
            else queues.Remove(run.Effect.Lane);
        }

        private void Report(ExchangeEvent? outcome)
        {
            if (outcome is not null) observer.OnNext(outcome);
        }

        private void Locked(Run run, Action action)
        {
            lock (gate)
            {
                if (!disposed && !run.Ended) action();
            }
        }
    }

    private sealed class Run(ExchangeCommand.Effect effect) : IDisposable
    {
        public ExchangeCommand.Effect Effect { get; } = effect;

        public CancellationTokenSource Cancel { get; } = new();

        public SerialDisposable Timer { get; } = new();

        public SingleAssignmentDisposable Subscription { get; } = new();

        public Failure? Broken { get; set; }

        public bool HasOutcome { get; set; }

        public bool Ended { get; set; }

        public void Dispose()
        {
            Timer.Dispose();
            Cancel.Cancel();
            Subscription.Dispose();
            Cancel.Dispose();
        }
    }
}
