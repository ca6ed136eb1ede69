using Qfx.Xen.Store;

namespace Qfx.Xen.Domains;

/// <summary>Whether a domid still means who it meant.</summary>
public static class DomainLife
{
    /// <summary>Whether the domain is there, and the same life of the same VM. For use inside a transaction.</summary>
    /// <param name="tx">The transaction: what is then written in it is written to no other domain, and makes no dead one's path again.</param>
    /// <param name="domid">Its number.</param>
    /// <param name="uuid">The last part of what <c>/local/domain/N/vm</c> said; empty where the toolstack writes none.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<bool> IsStillAsync(this IXsOperations tx, Domid domid, string uuid, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(tx);
        ArgumentNullException.ThrowIfNull(uuid);
        var home = XsPath.Home(domid);
        if (uuid.Length > 0)
            return await tx.TryReadTextAsync(home / "vm", cancel).ConfigureAwait(false) is { } vm && vm.EndsWith("/" + uuid, StringComparison.Ordinal);
        return await tx.TryReadAsync(home / "name", cancel).ConfigureAwait(false) is not null
            || await tx.TryReadAsync(home, cancel).ConfigureAwait(false) is not null;
    }

    /// <summary>Which life of which VM a domid means now: its uuid, empty where the toolstack writes none; null where the server knows no such domain.</summary>
    public static async Task<string?> FindLifeAsync(this IXenstore store, Domid domid, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!await store.IsIntroducedAsync(domid, cancel).ConfigureAwait(false)) return null;
        return await store.TryReadTextAsync(XsPath.Home(domid) / "vm", cancel).ConfigureAwait(false) is { } vm ? UuidOf(vm) : "";
    }

    /// <summary>The last part of what <c>/local/domain/N/vm</c> says.</summary>
    public static string UuidOf(string vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return vm[(vm.LastIndexOf('/') + 1)..];
    }
}
