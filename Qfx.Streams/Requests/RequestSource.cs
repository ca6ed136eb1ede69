using System.Reactive.Linq;
using DynamicData;
using Qfx.Streams.Domains;
using Qfx.Streams.Lanes;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Requests;

/// <summary>The requests of all domains: one watch a domain on its key, made and dropped with the domain.</summary>
public static class RequestSource
{
    /// <summary>Prepares the keys of each domain as it appears and takes what it writes there.</summary>
    /// <param name="domains">Those that may take part. A rename is not another domain.</param>
    /// <param name="store">dom0's connection.</param>
    /// <param name="ready">The words of the first status: what this daemon can do.</param>
    /// <returns>For each domain a Prepared and then its requests, in the order of writing; two domains interleave.</returns>
    public static IObservable<QpenEvent> TakeRequests(
        this IObservable<IChangeSet<Domain, Domid>> domains, IXenstore store, string ready)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(store);
        return domains
            .IgnoreUpdateWhen((current, previous) => current.Identity == previous.Identity)
            .MergeMany(domain => Follow(domain, store, ready));
    }

    private static IObservable<QpenEvent> Follow(Domain domain, IXenstore store, string ready) =>
        Observable.FromAsync(cancel => PrepareAsync(domain, store, ready, cancel))
            .SelectMany(prepared => prepared is null
                ? Observable.Empty<QpenEvent>()
                : Take(domain with { RanBefore = false }, store, ready).StartWith(prepared))
            .Catch((XenstoreException e) => Observable.Return<QpenEvent>(new QpenEvent.Refused(domain.Identity, e.Message)));

    /// <summary>An event is a reason to look. A child of the key is none: it can be no request.</summary>
    private static IObservable<QpenEvent> Take(Domain domain, IXenstore store, string ready)
    {
        var key = QpenNode.Of(domain.Domid);
        return store.Watch(key)
            .Where(e => !key.Contains(e.Path) || e.Path == key)
            .Conflate((_, newer) => newer, _ => Observable.FromAsync(cancel => LookAsync(domain, store, ready, cancel)))
            .OfType<QpenEvent>();
    }

    private static async Task<QpenEvent?> PrepareAsync(Domain domain, IXenstore store, string ready, CancellationToken cancel)
    {
        try
        {
            return await QpenNode.PrepareAsync(store, domain, ready, cancel).ConfigureAwait(false) is { } found
                ? new QpenEvent.Prepared(domain.Identity, found) : null;
        }
        catch (XenstoreException e)
        {
            return new QpenEvent.Refused(domain.Identity, e.Message);
        }
    }

    private static async Task<QpenEvent?> LookAsync(Domain domain, IXenstore store, string ready, CancellationToken cancel)
    {
        try
        {
            switch (await QpenNode.TakeAsync(store, domain.Domid, cancel).ConfigureAwait(false))
            {
                case null:
                    // The guest has deleted it and cannot make it again: its parent is not the guest's own.
                    await QpenNode.PrepareAsync(store, domain, ready, cancel).ConfigureAwait(false);
                    return null;
                case { Length: 0 }:
                    return null;
                case var value:
                    return new QpenEvent.Taken(domain.Identity, RequestParser.Parse(value));
            }
        }
        catch (XenstoreException e)
        {
            return new QpenEvent.Refused(domain.Identity, e.Message);
        }
    }
}
