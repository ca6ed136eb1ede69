using System.Reactive.Concurrency;
using System.Reactive.Linq;
using DynamicData;
using Qfx.Streams.Domains;
using Qfx.Streams.Lanes;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Requests;

/// <summary>The requests of all domains, from their keys, which are made and followed as domains come and go.</summary>
public static class RequestSource
{
    /// <summary>Prepares the keys of each domain as it appears and takes what it writes there.</summary>
    /// <param name="domains">Those that may take part. A rename is not another domain.</param>
    /// <param name="store">dom0's connection.</param>
    /// <param name="ready">The words of the first status: what this daemon can do.</param>
    /// <param name="perSecond">How many of one domain are taken in a row, and then in a second: see <see cref="Pace"/>.</param>
    /// <param name="scheduler">Whose time that is.</param>
    /// <param name="strategy">How the keys are watched.</param>
    /// <returns>For each domain a Prepared and then its requests, in the order of writing; two domains interleave.</returns>
    public static IObservable<QpenEvent> TakeRequests(
        this IObservable<IChangeSet<Domain, Domid>> domains, IXenstore store, string ready, int perSecond, IScheduler scheduler, WatchStrategy? strategy = null)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentNullException.ThrowIfNull(scheduler);
        return Observable.Using(() => new Turnstile(scheduler), turnstile => Observable.Using(
            () => new QpenWatches(store, strategy ?? WatchStrategy.Default),
            watches => domains
                .IgnoreUpdateWhen((current, previous) => current.Identity == previous.Identity)
                .MergeMany(domain => Follow(domain, store, watches, ready, new(perSecond, scheduler.StartStopwatch()), turnstile, scheduler))));
    }

    /// <summary>An event is a reason to look. A child of the key is none: it can be no request. Who asks too fast is looked at later, and in turn.</summary>
    private static IObservable<QpenEvent> Follow(
        Domain domain, IXenstore store, QpenWatches watches, string ready, Pace pace, Turnstile turnstile, IScheduler scheduler)
    {
        var key = QpenNode.Of(domain.Domid);
        var looks = new Looks(domain, store, ready, pace);
        IObservable<QpenEvent?> Turn() => (pace.IsFast ? turnstile.Through(looks.Look()) : looks.Look())
            .Catch((XenstoreConnectionException _) => Observable.Empty<Seen>())    // a resync follows
            .SelectMany(seen => seen.Rest > TimeSpan.Zero
                ? Observable.Timer(seen.Rest, scheduler).SelectMany(_ => seen.Again ? Turn() : Observable.Empty<QpenEvent?>()).StartWith(seen.Event)
                : Observable.Return(seen.Event));
        return watches.Of(domain.Domid)
            .Where(e => !key.Contains(e.Path) || e.Path == key)
            .Conflate((_, newer) => newer, _ => Turn())
            .OfType<QpenEvent>()
            .Catch((XenstoreException e) => Observable.Return<QpenEvent>(new QpenEvent.Refused(domain.Identity, e.Message)));
    }

    /// <summary>What a look has found, if anything, for how long there is to be no other one, and whether there is to be one then whatever happens.</summary>
    private readonly record struct Seen(QpenEvent? Event, TimeSpan Rest = default, bool Again = false);

    /// <summary>The looks at one domain's key, one at a time: the first makes it, the others take what is there.</summary>
    private sealed class Looks(Domain domain, IXenstore store, string ready, Pace pace)
    {
        private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

        private bool prepared;

        /// <summary>What is found, in order. A lost connection is an error; a refusal is told.</summary>
        public IObservable<Seen> Look() => Observable.Defer(() => prepared
                ? Observable.FromAsync(TakeAsync)
                : Observable.FromAsync(PrepareAsync).SelectMany(found => found.Event is null
                    ? Observable.Empty<Seen>()
                    : Observable.FromAsync(TakeAsync).StartWith(found)))
            .Catch((XenstoreException e) => Observable.Return(new Seen(new QpenEvent.Refused(domain.Identity, e.Message))));

        private async Task<Seen> PrepareAsync(CancellationToken cancel)
        {
            if (await QpenNode.PrepareAsync(store, domain, ready, cancel).ConfigureAwait(false) is not { } found) return default;
            prepared = true;
            return new(new QpenEvent.Prepared(domain.Identity, found));
        }

        private async Task<Seen> TakeAsync(CancellationToken cancel)
        {
            var (value, overwritten) = await QpenNode.TakeAsync(store, domain.Domid, cancel).ConfigureAwait(false);
            if (overwritten) return new(null, Later(pace.Take()), Again: true);    // it cost as much
            if (value is { Length: > 0 }) return new(new QpenEvent.Taken(domain.Identity, RequestParser.Parse(value)), pace.Take());

            // The guest has deleted it and cannot make it again: its parent is not the guest's own.
            if (value is not null) return default;
            await QpenNode.PrepareAsync(store, domain with { RanBefore = false }, ready, cancel).ConfigureAwait(false);
            return new(null, pace.Take());
        }

        private static TimeSpan Later(TimeSpan rest) => rest > Soon ? rest : Soon;
    }
}
