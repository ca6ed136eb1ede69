using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace Qfx.Streams.Requests;

/// <summary>Where those wait who ask too fast: one goes through at a time, and then nobody for fifteen times as long as that took.</summary>
/// <param name="scheduler">Whose time it is, and where the next one begins.</param>
/// <remarks>
/// A bound for each VM is none on all of them: hundreds that each keep to it are still more than xenstored, which is one thread, can do beside
/// its other work, and our own connection has one turn among all of its clients'. So those who keep to no bound share a sixteenth of one look
/// at a time, however long a look takes just then. Whoever asks as people do passes beside it and waits for none of them.
/// </remarks>
internal sealed class Turnstile(IScheduler scheduler) : IDisposable
{
    private const int RestTimes = 15;

    /// <summary>A look that takes long waits for others most of that time: then one at a time is little as it is.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly Queue<Visit> waiting = new();
    private readonly SerialDisposable rest = new();
    private readonly IStopwatch running = scheduler.StartStopwatch();
    private bool closed;

    /// <summary>Does it when its turn has come. Disposed of before, it is not done.</summary>
    public IObservable<T> Through<T>(IObservable<T> work) => Observable.Create<T>(observer =>
    {
        var visit = new Visit(ended => work.Finally(ended).Subscribe(observer));
        lock (gate)
        {
            waiting.Enqueue(visit);
            if (closed) return visit;
            closed = true;
        }

        Begin();
        return visit;
    });

    public void Dispose() => rest.Dispose();

    private void Begin()
    {
        while (true)
        {
            Visit? next;
            lock (gate)
            {
                if (!waiting.TryDequeue(out next))
                {
                    closed = false;
                    return;
                }
            }

            var begun = running.Elapsed;
            if (next.Begin(() => Rest(running.Elapsed - begun))) return;
        }
    }

    private void Rest(TimeSpan took)
    {
        if (took <= TimeSpan.Zero) Begin();
        else rest.Disposable = scheduler.Schedule(took * RestTimes is var times && times < LongestRest ? times : LongestRest, Begin);
    }

    /// <summary>One that waits, is inside, or is over.</summary>
    private sealed class Visit(Func<Action, IDisposable> work) : IDisposable
    {
        private readonly SingleAssignmentDisposable inside = new();

        /// <returns>False: it has been disposed of, and <paramref name="ended"/> is not called.</returns>
        public bool Begin(Action ended)
        {
            if (inside.IsDisposed) return false;
            inside.Disposable = work(ended);
            return true;
        }

        public void Dispose() => inside.Dispose();
    }
}
