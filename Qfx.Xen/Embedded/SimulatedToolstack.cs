using System.Globalization;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A domain as its toolstack knows it.</summary>
/// <param name="Domid">Of this life.</param>
/// <param name="Uuid">Of all its lives.</param>
/// <param name="Name">As it stands in xenstore.</param>
public sealed record SimulatedDomain(Domid Domid, Guid Uuid, string Name);

/// <summary>How a server is told of domains: by its API, or by INTRODUCE and RELEASE.</summary>
/// <param name="Introduce">A domain is there.</param>
/// <param name="Release">It is gone.</param>
/// <param name="Shutdown">It has shut down, and is still there.</param>
public sealed record DomainLifecycle(
    Func<Domid, CancellationToken, Task> Introduce, Func<Domid, CancellationToken, Task> Release, Func<Domid, CancellationToken, Task> Shutdown)
{
    /// <summary>For the embedded store.</summary>
    public static DomainLifecycle Of(EmbeddedXenstore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new(
            (domid, _) => Done(() => store.Introduce(domid)),
            (domid, _) => Done(() => store.Release(domid)),
            (_, _) => Done(store.Shutdown));
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}

/// <summary>Makes and ends domains that are no more than their nodes in xenstore: what libxl writes, in its order and with its permissions.</summary>
public sealed class SimulatedToolstack(IXenstore store, DomainLifecycle lifecycle)
{
    private static readonly XsPath Vms = XsPath.Root / "vm";

    private int lastDomid;

    /// <summary>Creates a domain: its tree in one transaction, then it is introduced.</summary>
    public Task<SimulatedDomain> CreateAsync(string name, CancellationToken cancel = default) =>
        CreateAsync(name, Guid.NewGuid(), cancel);

    /// <summary>Ends it at once, as <c>xl destroy</c> does.</summary>
    public async Task DestroyAsync(SimulatedDomain domain, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        await store.RemoveAsync(Vms / domain.Uuid.ToString(), cancel).ConfigureAwait(false);
        await store.RemoveAsync(XsPath.Home(domain.Domid), cancel).ConfigureAwait(false);
        await lifecycle.Release(domain.Domid, cancel).ConfigureAwait(false);
    }

    /// <summary>It powers itself off: <c>@releaseDomain</c> fires while its tree still stands, and again when it is gone.</summary>
    public async Task PowerOffAsync(SimulatedDomain domain, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        await lifecycle.Shutdown(domain.Domid, cancel).ConfigureAwait(false);
        await DestroyAsync(domain, cancel).ConfigureAwait(false);
    }

    /// <summary>Off and on again: a new domid under the same uuid and name.</summary>
    public async Task<SimulatedDomain> RebootAsync(SimulatedDomain domain, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        await PowerOffAsync(domain, cancel).ConfigureAwait(false);
        return await CreateAsync(domain.Name, domain.Uuid, cancel).ConfigureAwait(false);
    }

    /// <summary>Gives it another name, as <c>xl rename</c> does.</summary>
    public async Task<SimulatedDomain> RenameAsync(SimulatedDomain domain, string name, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        await store.WriteTextAsync(XsPath.Home(domain.Domid) / "name", name, cancel).ConfigureAwait(false);
        await store.WriteTextAsync(Vms / $"{domain.Uuid}/name", name, cancel).ConfigureAwait(false);
        return domain with { Name = name };
    }

    /// <summary>Creates a domain that had this uuid in its earlier lives.</summary>
    public async Task<SimulatedDomain> CreateAsync(string name, Guid uuid, CancellationToken cancel)
    {
        var domid = new Domid(Interlocked.Increment(ref lastDomid));
        var home = XsPath.Home(domid);
        var vm = Vms / uuid.ToString();
        var guestReads = XsPermissions.GuestReads(domid);
        var guestOwns = new XsPermissions(new XsPermission(XsAccess.None, domid));
        await store.TransactAsync(
            async (tx, ct) =>
            {
                await MakeAsync(tx, home, guestReads, ct).ConfigureAwait(false);
                await MakeAsync(tx, vm, guestReads, ct).ConfigureAwait(false);
                await tx.WriteTextAsync(home / "vm", vm.ToString(), ct).ConfigureAwait(false);
                await tx.WriteTextAsync(home / "name", name, ct).ConfigureAwait(false);
                await tx.WriteTextAsync(vm / "name", name, ct).ConfigureAwait(false);
                await tx.WriteTextAsync(vm / "uuid", uuid.ToString(), ct).ConfigureAwait(false);
                await MakeAsync(tx, home / "device", guestReads, ct).ConfigureAwait(false);
                await MakeAsync(tx, home / "control", guestReads, ct).ConfigureAwait(false);
                await MakeAsync(tx, home / "data", guestOwns, ct).ConfigureAwait(false);
                return true;
            },
            cancel).ConfigureAwait(false);
        await store.WriteTextAsync(home / "domid", domid.Value.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
        await lifecycle.Introduce(domid, cancel).ConfigureAwait(false);
        return new(domid, uuid, name);
    }

    private static async Task MakeAsync(IXsOperations tx, XsPath path, XsPermissions permissions, CancellationToken cancel)
    {
        await tx.MakeAsync(path, cancel).ConfigureAwait(false);
        await tx.SetPermissionsAsync(path, permissions, cancel).ConfigureAwait(false);
    }
}
