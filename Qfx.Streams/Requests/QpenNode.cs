using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Requests;

/// <summary>A domain's request key, <c>device/qpen</c>, and beside it its status key.</summary>
public static class QpenNode
{
    /// <summary>Where a domain writes its requests.</summary>
    public static XsPath Of(Domid domid) => XsPath.Home(domid) / "device/qpen";

    /// <summary>Where it reads what became of them.</summary>
    public static XsPath StatusOf(Domid domid) => XsPath.Home(domid) / "qubes_pen_status";

    /// <summary>Makes both keys where they are missing, and empties the first one if what lies in it was meant for an earlier daemon.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <param name="domain">Whose keys.</param>
    /// <param name="ready">The status of a domain that has asked nothing yet.</param>
    /// <param name="cancel">Nothing is changed when it strikes.</param>
    /// <returns>What was found; null when the domain is no longer this one: a write would make a dead domain's path again.</returns>
    public static Task<QpenFound?> PrepareAsync(IXenstore store, Domain domain, string ready, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(domain);
        var domid = domain.Domid;
        return store.TransactAsync<QpenFound?>(
            async (tx, ct) =>
            {
                var request = tx.TryReadAsync(Of(domid), ct);
                var status = tx.TryReadAsync(StatusOf(domid), ct);
                if (!await IsStillAsync(tx, domain.Identity, ct).ConfigureAwait(false)) return null;
                var left = await request.ConfigureAwait(false);
                if (left is null || (domain.RanBefore && left.Length > 0))
                {
                    await tx.WriteAsync(Of(domid), ReadOnlyMemory<byte>.Empty, ct).ConfigureAwait(false);
                    await tx.SetPermissionsAsync(Of(domid), XsPermissions.GuestWrites(domid), ct).ConfigureAwait(false);
                }

                var was = await status.ConfigureAwait(false);
                if (was is null)
                {
                    await tx.WriteAsync(StatusOf(domid), new Status(0, StatusCode.Ready, ready).Encode(), ct).ConfigureAwait(false);
                    await tx.SetPermissionsAsync(StatusOf(domid), XsPermissions.GuestReads(domid), ct).ConfigureAwait(false);
                }

                return new(was is null ? 0 : Status.CountOf(was), domain.RanBefore && left is { Length: > 0 });
            },
            cancel);
    }

    /// <summary>Reads the request and writes the key empty, in one transaction: taking is consuming.</summary>
    /// <returns>The bytes; empty where there is no request; null where there is no key.</returns>
    public static Task<byte[]?> TakeAsync(IXenstore store, Domid domid, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.TransactAsync(
            async (tx, ct) =>
            {
                var value = await tx.TryReadAsync(Of(domid), ct).ConfigureAwait(false);
                if (value is { Length: > 0 }) await tx.WriteAsync(Of(domid), ReadOnlyMemory<byte>.Empty, ct).ConfigureAwait(false);
                return value;
            },
            cancel);
    }

    /// <summary>Whether the domid still belongs to the same life of the same VM. For use inside a transaction.</summary>
    public static async Task<bool> IsStillAsync(IXsOperations tx, DomainIdentity identity, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(tx);
        var home = XsPath.Home(identity.Domid);
        if (identity.Uuid.Length > 0)
            return await tx.TryReadTextAsync(home / "vm", cancel).ConfigureAwait(false) is { } vm && vm.EndsWith("/" + identity.Uuid, StringComparison.Ordinal);
        return await tx.TryReadAsync(home / "name", cancel).ConfigureAwait(false) is not null
            || await tx.TryReadAsync(home, cancel).ConfigureAwait(false) is not null;
    }
}

/// <summary>What lay in a domain's keys before they were prepared.</summary>
/// <param name="Taken">Requests that an earlier run of the daemon has counted.</param>
/// <param name="Left">A request lay there that was meant for an earlier run; it is gone now.</param>
public sealed record QpenFound(int Taken, bool Left);
