using System.Collections.Immutable;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Requests;

/// <summary>Two identical requests right after one another are one: a nervous finger, or a tool that tries twice.</summary>
public static class Repeats
{
    /// <summary>Drops a request that is identical to the last one of its domain that passed, within the window, while that one is undecided.</summary>
    /// <param name="events">All events; only requests are ever dropped. The first passes at once, domains do not affect one another.</param>
    /// <param name="decided">A domain whose last request has its answer: the same words are a new request then.</param>
    /// <param name="window">From the last one that passed; typically 200 ms.</param>
    /// <param name="notes">Told of each that is dropped: nothing will be said of it.</param>
    /// <param name="scheduler">Whose time it is.</param>
    public static IObservable<ExchangeEvent> DropRepeats(
        this IObservable<ExchangeEvent> events, IObservable<Domid> decided, TimeSpan window, ITakenNotes notes, IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(decided);
        ArgumentNullException.ThrowIfNull(notes);
        ArgumentNullException.ThrowIfNull(scheduler);
        return Observable.Defer(() => Dropping(events, decided, window, notes, scheduler.StartStopwatch()));    // a clock that cannot be set
    }

    private static IObservable<ExchangeEvent> Dropping(IObservable<ExchangeEvent> events, IObservable<Domid> decided, TimeSpan window, ITakenNotes notes, IStopwatch running) =>
        Observable.Merge(
                decided.Select(domid => new Input(null, domid)),
                events.Select(e => new Input(e, default)))
            .Scan(Memory.Empty, (memory, input) => input.Event is null
                ? memory.Forget(input.Decided)
                : memory.Next(input.Event, running.Elapsed, window))
            .Do(memory =>
            {
                if (memory.Dropped is { } repeater) notes.Drop(repeater);
            })
            .Select(memory => memory.Passed)
            .OfType<ExchangeEvent>();

    private readonly record struct Input(ExchangeEvent? Event, Domid Decided);

    /// <summary>The undecided request that each domain made last, and what has just passed, or whose request has not.</summary>
    private sealed record Memory(ImmutableDictionary<Domid, (Request Request, TimeSpan At)> Undecided, ExchangeEvent? Passed, DomainIdentity? Dropped = null)
    {
        public static readonly Memory Empty = new(ImmutableDictionary<Domid, (Request, TimeSpan)>.Empty, null);

        public Memory Forget(Domid domid) => new(Undecided.Remove(domid), null);

        public Memory Next(ExchangeEvent happened, TimeSpan now, TimeSpan window) => happened switch
        {
            ExchangeEvent.Qpen { What: QpenEvent.Taken e } =>
                Undecided.TryGetValue(e.From.Domid, out var last) && last.Request == e.Request && now - last.At < window
                    ? new(Undecided, null, e.From)
                    : new(Undecided.SetItem(e.From.Domid, (e.Request, now)), happened),
            ExchangeEvent.DomainGone e => new(Undecided.Remove(e.Domain.Domid), happened),
            _ => new(Undecided, happened),
        };
    }
}
