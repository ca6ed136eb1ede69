using System.Collections.Immutable;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Domains;

/// <summary>What a look at xenstore found to be different from what was known.</summary>
/// <param name="Changed">Domains that are new, or have another name or identity than before.</param>
/// <param name="Gone">Domains that are dead.</param>
public sealed record DomainChanges(ImmutableArray<Domain> Changed, ImmutableArray<Domid> Gone);

/// <summary>Looks up which domains there are. One listing, compared with what is known; what must be read is asked for at once.</summary>
public static class DomainListing
{
    private static readonly XsPath Homes = XsPath.Root / "local/domain";

    /// <summary>Looks, and says what is different.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <param name="known">What was found so far, by domid.</param>
    /// <param name="reason">What to look at.</param>
    /// <param name="first">Whether this is the first look: what it finds ran before.</param>
    /// <param name="cancel">Ends the look.</param>
    /// <remarks>
    /// A domain is there when it is listed and the server says that it is introduced. It is dead when it is missing from the
    /// listing and the server says that it is not introduced, with domain 0 there to prove that the store is whole: a lost or
    /// emptied store is no death of anybody.
    /// </remarks>
    public static async Task<DomainChanges> LookAsync(
        IXenstore store, IReadOnlyDictionary<Domid, Domain> known, LookReason reason, bool first, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(reason);
        var changed = ImmutableArray.CreateBuilder<Domain>();
        var gone = ImmutableArray.CreateBuilder<Domid>();
        var again = known.Values.Where(reason.Concerns);
        if (reason.List)
        {
            var listed = await ListAsync(store, cancel).ConfigureAwait(false);
            var found = await Task.WhenAll(listed
                .Where(domid => domid != Domid.Zero && !known.ContainsKey(domid))
                .Select(domid => FindAsync(store, domid, first, cancel))).ConfigureAwait(false);
            changed.AddRange(found.OfType<Domain>());
            if (listed.Contains(Domid.Zero) && await store.IsIntroducedAsync(Domid.Zero, cancel).ConfigureAwait(false))
            {
                var missing = known.Keys.Where(domid => !listed.Contains(domid)).ToArray();
                var alive = await Task.WhenAll(missing.Select(domid => store.IsIntroducedAsync(domid, cancel))).ConfigureAwait(false);
                gone.AddRange(missing.Where((_, i) => !alive[i]));
            }

            again = again.Where(domain => listed.Contains(domain.Domid));
        }

        var read = await Task.WhenAll(again.Select(domain => ReadAsync(store, domain.Domid, domain, cancel))).ConfigureAwait(false);
        changed.AddRange(read.OfType<Domain>().Where(domain => domain != known[domain.Domid]));
        return new(changed.ToImmutable(), gone.ToImmutable());
    }

    private static async Task<HashSet<Domid>> ListAsync(IXenstore store, CancellationToken cancel)
    {
        try
        {
            var names = await store.ListAsync(Homes, cancel).ConfigureAwait(false);
            var domids = new HashSet<Domid>(names.Count);
            foreach (var name in names)
            {
                if (Domid.TryParse(name, out var domid)) domids.Add(domid);
            }

            return domids;
        }
        catch (XenstoreException e) when (e.Error == XsError.ENOENT)
        {
            return [];
        }
    }

    private static async Task<Domain?> FindAsync(IXenstore store, Domid domid, bool first, CancellationToken cancel)
    {
        var introduced = store.IsIntroducedAsync(domid, cancel);
        var domain = ReadAsync(store, domid, new(new(domid, ""), null, first), cancel);
        await Task.WhenAll(introduced, domain).ConfigureAwait(false);
        return await introduced.ConfigureAwait(false) ? await domain.ConfigureAwait(false) : null;
    }

    /// <summary>The domain with the uuid and name that it has now. A node that is missing leaves what was known.</summary>
    private static async Task<Domain?> ReadAsync(IXenstore store, Domid domid, Domain was, CancellationToken cancel)
    {
        var home = XsPath.Home(domid);
        var vm = store.TryReadTextAsync(home / "vm", cancel);
        var name = store.TryReadTextAsync(home / "name", cancel);
        await Task.WhenAll(vm, name).ConfigureAwait(false);
        var uuid = await vm.ConfigureAwait(false) is { } path ? DomainLife.UuidOf(path) : was.Identity.Uuid;
        VmName? vmName = await name.ConfigureAwait(false) is { } text
            ? VmName.TryParse(text, out var parsed) ? parsed : null
            : was.Name;
        return was with { Identity = new(domid, uuid), Name = vmName };
    }
}
