using System.Reactive;
using System.Reactive.Linq;
using DynamicData;
using Qfx.Streams.Lanes;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Domains;

/// <summary>The domains that run, live: by domid, and by name. Whoever wants to know asks these caches; nobody lists xenstore again.</summary>
/// <remarks>
/// Kept true by <c>@introduceDomain</c>, <c>@releaseDomain</c> and <c>/vm</c> (renames show there, so a named domain costs the
/// host no watch of its own), and by a watch on the name of those that have none yet.
/// </remarks>
public sealed class DomainDirectory : IDisposable
{
    private static readonly XsPath Vms = XsPath.Root / "vm";

    private readonly SourceCache<Domain, Domid> domains = new(domain => domain.Domid);

    /// <summary>An empty directory; <see cref="Follow"/> fills it.</summary>
    public DomainDirectory()
    {
        ByName = Named(domains.Connect()).AsObservableCache();
    }

    /// <summary>Every domain but dom0: Add when it appears, Update when it has another name or identity, Remove when it is dead.</summary>
    public IObservableCache<Domain, Domid> ByDomid => domains;

    /// <summary>Those that bear a name alone: a name that two domains bear means none.</summary>
    public IObservableCache<Domain, VmName> ByName { get; }

    /// <summary>From domains to names that mean one of them.</summary>
    public static IObservable<IChangeSet<Domain, VmName>> Named(IObservable<IChangeSet<Domain, Domid>> domains) => domains
        .Filter(domain => domain.Name is not null)
        .GroupWithImmutableState(domain => domain.Name!.Value)
        .Filter(bearers => bearers.Count == 1)
        .Transform(bearers => bearers.Items.First());

    /// <summary>Keeps the directory true while subscribed to. To be subscribed to once.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <returns>A value for each look, after its changes are in the caches; a look that the connection did not survive is made again. Ends with the error that ends a watch.</returns>
    public IObservable<Unit> Follow(IXenstore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var first = true;
        return Observable.Merge(
                store.Watch(XsPath.IntroduceDomain).Select(LookReason.OfLifecycle),
                store.Watch(XsPath.ReleaseDomain).Select(LookReason.OfLifecycle),
                store.Watch(Vms).Select(e => LookReason.OfVm(e.Path)).OfType<LookReason>(),
                NamesToCome(store))
            .Conflate((older, newer) => older.And(newer), reason => Observable
                .FromAsync(cancel => DomainListing.LookAsync(store, Known(), reason, first, cancel))
                .Catch((XenstoreConnectionException _) => Observable.Empty<DomainChanges>()))    // a resync follows
            .Select(changes =>
            {
                first = false;
                domains.Edit(cache =>
                {
                    cache.Remove(changes.Gone);
                    cache.AddOrUpdate(changes.Changed);
                });
                return Unit.Default;
            });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ByName.Dispose();
        domains.Dispose();
    }

    private IObservable<LookReason> NamesToCome(IXenstore store) => domains.Connect()
        .Filter(domain => domain.Name is null)
        .MergeMany(domain => store.Watch(XsPath.Home(domain.Domid) / "name")
            .Select(_ => LookReason.Named(domain.Identity.Uuid)));

    private Dictionary<Domid, Domain> Known() => domains.KeyValues.ToDictionary(pair => pair.Key, pair => pair.Value);
}
