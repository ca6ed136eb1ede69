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
    /// <param name="notes">What outlives the daemon of what was taken.</param>
    /// <param name="ready">The words of the first status: what this daemon can do.</param>
    /// <param name="perSecond">How many of one domain are taken in a second: see <see cref="Pace"/>.</param>
    /// <param name="scheduler">Whose time that is.</param>
    /// <param name="strategy">How the keys are watched.</param>
    /// <returns>For each domain a Prepared and then its requests, in the order of writing; two domains interleave.</returns>
    public static IObservable<QpenEvent> TakeRequests(
        this IObservable<IChangeSet<Domain, Domid>> domains, IXenstore store, ITakenNotes notes, string ready, int perSecond, IScheduler scheduler, WatchStrategy? strategy = null)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(notes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentNullException.ThrowIfNull(scheduler);
        return Observable.Using(() => new Turnstile(scheduler), turnstile => Observable.Using(
            () => new QpenWatches(store, strategy ?? WatchStrategy.Default),
            watches =>
            {
                var crowd = new Crowd(scheduler.StartStopwatch());
                return domains
                    .IgnoreUpdateWhen((current, previous) => current.Identity == previous.Identity)
                    .MergeMany(domain => Follow(domain, store, notes, watches, ready, new(perSecond, scheduler.StartStopwatch()), crowd, turnstile, scheduler));
            }));
    }

    /// <summary>
    /// One domain. Its events are listened to as long as it asks no faster than it may; then it is unheard, and its key is looked at now and then,
    /// in turn with others that are, until nothing is found there.
    /// </summary>
    /// <remarks>
    /// An event costs xenstored more than a look: it goes to one client one at a time, and a guest may have twenty under way. Behind the events of
    /// hundreds that flood, those of all others would wait for most of a minute.
    /// </remarks>
    private static IObservable<QpenEvent> Follow(
        Domain domain, IXenstore store, ITakenNotes notes, QpenWatches watches, string ready, Pace pace, Crowd crowd, Turnstile turnstile, IScheduler scheduler)
    {
        var key = QpenNode.Of(domain.Domid);
        var looks = new Looks(domain, store, notes, ready, pace, crowd);
        var (heard, rest) = (true, TimeSpan.Zero);

        // An event is a reason to look. A child of the key is none: it can be no request.
        IObservable<Seen> Listen() => watches.Of(domain.Domid)
            .Where(e => !key.Contains(e.Path) || e.Path == key)
            .Conflate((_, newer) => newer, _ => Look(echoes: true))
            .TakeUntil(seen => seen.Rest > TimeSpan.Zero);
        IObservable<Seen> Poll() => Observable.Timer(rest > pace.Each ? rest : pace.Each, scheduler).SelectMany(_ => turnstile.Through(Look(echoes: false))).DefaultIfEmpty();

        // Once more, for a line that had not noticed yet that it is lost. If all is lost a resync follows.
        IObservable<Seen> Look(bool echoes) => looks.Look(echoes).Catch((XenstoreConnectionException _) => looks.Look(echoes)).Catch((XenstoreConnectionException _) => Observable.Empty<Seen>());
        return Observable.Defer(() => heard ? Listen() : Poll())
            .Do(seen => (heard, rest) = (seen.IsNothing, seen.Rest))
            .Repeat()
            .Select(seen => seen.Event)
            .OfType<QpenEvent>()
            .Catch((XenstoreException e) => Observable.Return<QpenEvent>(new QpenEvent.Refused(domain.Identity, e.Message)))
            .Finally(() => crowd.Leave(domain.Domid));
    }

    /// <summary>What a look has found, if anything, and for how long there is to be no other one.</summary>
    /// <param name="Event">What is told.</param>
    /// <param name="Rest">Zero or less for none.</param>
    /// <param name="Busy">The domain is at it just now, though nothing was taken.</param>
    private readonly record struct Seen(QpenEvent? Event, TimeSpan Rest = default, bool Busy = false)
    {
        /// <summary>The domain is at rest, as far as can be seen.</summary>
        public bool IsNothing => !Busy && Event is (null or QpenEvent.Refused);
    }

    /// <summary>The looks at one domain's key, one at a time: the first makes it, the others take what is there.</summary>
    private sealed class Looks(Domain domain, IXenstore store, ITakenNotes notes, string ready, Pace pace, Crowd crowd)
    {
        private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

        private bool prepared;

        /// <summary>The key was written at the last look, which is the next event that is heard.</summary>
        private bool wrote;

        /// <summary>What was being taken when the connection was lost: whether the commit was carried out shows at the next look.</summary>
        private byte[]? unsure;

        /// <summary>A transaction was begun for a request, and there was none: the next one is looked for first.</summary>
        private bool wasted;

        /// <summary>What is found, in order. A lost connection is an error; a refusal is told.</summary>
        /// <param name="echoes">It is for an event, which may be one of our own.</param>
        public IObservable<Seen> Look(bool echoes) => Observable.Defer(() => prepared
                ? Observable.FromAsync(cancel => TakeAsync(likely: !(wasted || (echoes && wrote)), cancel))
                : Observable.FromAsync(PrepareAsync).SelectMany(found => found.Event switch
                {
                    null => Observable.Empty<Seen>(),
                    QpenEvent.Prepared { Found.Waits: true } => Observable.FromAsync(cancel => TakeAsync(likely: true, cancel)).StartWith(found),
                    _ => Observable.Return(found),    // what is written from now on makes an event: it is watched
                }))
            .Catch((XenstoreException e) => Observable.Return(new Seen(new QpenEvent.Refused(domain.Identity, e.Message))));

        private async Task<Seen> PrepareAsync(CancellationToken cancel)
        {
            var line = await LineAsync(cancel).ConfigureAwait(false);
            if (await MakeAsync(line, domain, cancel).ConfigureAwait(false) is not { } found) return default;
            prepared = true;
            return new(new QpenEvent.Prepared(domain.Identity, found));
        }

        private async Task<Seen> TakeAsync(bool likely, CancellationToken cancel)
        {
            var begun = pace.Now;
            var line = await LineAsync(cancel).ConfigureAwait(false);
            var (value, overwritten) = await TakeAsync(line, likely, cancel).ConfigureAwait(false);
            var taken = !overwritten && value is { Length: > 0 };
            (wrote, wasted) = (taken, !taken && (likely || wasted));
            if (overwritten) return new(null, Later(Pay(begun)), Busy: true);    // it cost as much
            if (taken) return new(new QpenEvent.Taken(domain.Identity, RequestParser.Parse(value)), Pay(begun));

            // The guest has deleted it and cannot make it again: its parent is not the guest's own.
            if (value is not null) return default;
            await MakeAsync(line, domain with { RanBefore = false }, cancel).ConfigureAwait(false);
            return new(null, Pay(begun), Busy: true);
        }

        /// <summary>Makes the key, or finds it. A request that is emptied so is noted, as one that is taken.</summary>
        private async Task<QpenFound?> MakeAsync(IXenstore line, Domain domain, CancellationToken cancel)
        {
            int? open = null;
            try
            {
                var found = await QpenNode.PrepareAsync(
                    line, domain, ready,
                    count =>
                    {
                        open = Open(count);
                        notes.Take(domain.Identity);
                    },
                    cancel).ConfigureAwait(false);
                if (found is null) return null;
                wrote = found.Wrote;
                return found with { Lost = open ?? Open(found.Taken) };
            }
            catch (XenstoreException) when (open is not null)
            {
                notes.Drop(domain.Identity);    // the server said no: it is still there
                throw;
            }

            int Open(int count)
            {
                notes.Said(domain.Identity, count);
                return notes.Open(domain.Identity, count);
            }
        }

        /// <summary>Takes what is there, and notes it before.</summary>
        private async Task<(byte[]? Value, bool Overwritten)> TakeAsync(IXenstore line, bool likely, CancellationToken cancel)
        {
            byte[]? noted = null;
            try
            {
                var (value, overwritten) = await QpenNode.TakeAsync(
                    line, domain.Domid, likely,
                    there =>
                    {
                        notes.Take(domain.Identity);
                        noted = there;
                    },
                    cancel).ConfigureAwait(false);
                if (noted is not null && (overwritten || value is not { Length: > 0 })) notes.Drop(domain.Identity);
                if (unsure is not { } before) return (value, overwritten);
                unsure = null;
                if (!overwritten && value is { Length: 0 }) return (before, false);    // it was emptied, by that commit
                notes.Drop(domain.Identity);    // it is still there, or something newer is
                return (value, overwritten);
            }
            catch (XenstoreException) when (noted is not null)
            {
                notes.Drop(domain.Identity);    // the server said no: it is still there
                throw;
            }
            catch (XenstoreConnectionException) when (noted is not null)
            {
                if (unsure is not null) notes.Drop(domain.Identity);
                unsure = noted;
                throw;
            }
        }

        private TimeSpan Pay(TimeSpan begun) => pace.Take(begun, crowd.Ask(domain.Domid));

        private ValueTask<IXenstore> LineAsync(CancellationToken cancel) => store.ForAsync(domain.Domid, cancel);

        /// <summary>It is to be looked at again, whether an event says so or not.</summary>
        private static TimeSpan Later(TimeSpan rest) => rest > Soon ? rest : Soon;
    }
}
