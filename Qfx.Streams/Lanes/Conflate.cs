using System.Reactive;
using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace Qfx.Streams.Lanes;

/// <summary>Runs for what comes, one run at a time, and takes together what comes meanwhile.</summary>
public static class Conflation
{
    /// <summary>Starts <paramref name="run"/> for the first value; values that come while it runs are merged into one, for one more run.</summary>
    /// <param name="source">Any number of values, at any speed.</param>
    /// <param name="merge">The older and the newer of two values that wait, as one.</param>
    /// <param name="run">What to do; cold. The next one starts when it completes.</param>
    /// <returns>
    /// What the runs bring, in order. At most one value waits, however fast they come. Completes when the source has and the
    /// last run is over; an error of either ends it; disposal ends the run that is under way.
    /// </returns>
    public static IObservable<TOut> Conflate<TIn, TOut>(
        this IObservable<TIn> source, Func<TIn, TIn, TIn> merge, Func<TIn, IObservable<TOut>> run)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(merge);
        ArgumentNullException.ThrowIfNull(run);
        return Observable.Create<TOut>(observer =>
        {
            var gate = new object();
            var output = Observer.Synchronize(observer, gate);
            var current = new SerialDisposable();
            var running = false;
            var waits = false;
            var waiting = default(TIn);
            var sourceDone = false;

            void Start(TIn value)
            {
                running = true;
                var subscription = new SingleAssignmentDisposable();
                current.Disposable = subscription;
                subscription.Disposable = run(value).Subscribe(output.OnNext, output.OnError, Next);
            }

            void Next()
            {
                lock (gate)
                {
                    running = false;
                    if (waits)
                    {
                        var value = waiting!;
                        (waits, waiting) = (false, default);
                        Start(value);
                    }
                    else if (sourceDone)
                    {
                        output.OnCompleted();
                    }
                }
            }

            var subscription = source.Subscribe(
                value =>
                {
                    lock (gate)
                    {
                        if (!running) Start(value);
                        else (waiting, waits) = (waits ? merge(waiting!, value) : value, true);
                    }
                },
                output.OnError,
                () =>
                {
                    lock (gate)
                    {
                        sourceDone = true;
                        if (!running) output.OnCompleted();
                    }
                });
            return StableCompositeDisposable.Create(subscription, current);
        });
    }
}
