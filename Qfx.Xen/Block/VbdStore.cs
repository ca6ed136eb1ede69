using System.Globalization;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Block;

/// <summary>Makes, closes and removes disks by their nodes, as libxl does, with no toolstack process.</summary>
/// <param name="store">dom0's connection.</param>
/// <param name="script">
/// A program that does nothing: libxl runs what this node of the backend names when it takes the disk away. An absolute path.
/// </param>
/// <remarks>
/// libxl reads a disk from its own record (libxl_disk.c, libxl__disk_from_xenstore) and never from what the domain can write.
/// The disk is not in the domain's configuration, so it does not come back when the domain reboots.
/// </remarks>
public sealed partial class VbdStore(IXenstore store, string script)
{
    /// <summary>In the backend's folder, where the domain only reads: the disk is ours, and is over the file with these numbers.</summary>
    public const string Mark = "qfx";

    /// <summary>Writes both ends and libxl's record, in one transaction.</summary>
    /// <param name="domid">Who gets it.</param>
    /// <param name="uuid">Which life of it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="backing">What stands behind it.</param>
    /// <param name="cancel">Nothing is written when it strikes.</param>
    /// <exception cref="BlockDeviceException">Nothing was written: another domain, or another disk is there.</exception>
    public async Task MakeAsync(Domid domid, string uuid, Vdev vdev, VbdBacking backing, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(backing);
        var why = await store.TransactAsync<BlockDeviceFault?>(
            async (tx, ct) =>
            {
                if (await ObstacleAsync(tx, domid, uuid, vdev, ct).ConfigureAwait(false) is { } obstacle) return obstacle;
                await MakeAsync(tx, domid, vdev, backing, ct).ConfigureAwait(false);
                return null;
            },
            cancel).ConfigureAwait(false);
        ThrowIf(why, domid, vdev);
    }

    /// <summary>Whether a disk can be attached there now.</summary>
    /// <exception cref="BlockDeviceException">It is another domain, or another disk is there.</exception>
    public async Task RequireFreeAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel) =>
        ThrowIf(await store.TransactAsync((tx, ct) => ObstacleAsync(tx, domid, uuid, vdev, ct), cancel).ConfigureAwait(false), domid, vdev);

    /// <summary>Puts our mark on a disk that the toolstack has attached for us.</summary>
    /// <returns>False if the domain is another one by now, or the disk is not over this file.</returns>
    public Task<bool> MarkAsync(Domid domid, string uuid, Vdev vdev, string file, FileId image, CancellationToken cancel) => store.TransactAsync(
        async (tx, ct) =>
        {
            if (!await tx.IsStillAsync(domid, uuid, ct).ConfigureAwait(false)) return false;
            if (!await IsOursAsync(tx, domid, vdev, file, image, ct).ConfigureAwait(false)) return false;
            await tx.WriteTextAsync(VbdNodes.Backend(domid, vdev) / Mark, image.ToString(), ct).ConfigureAwait(false);
            return true;
        },
        cancel);

    /// <summary>Tells the backend to close, if the disk is ours and over this file; removes the nodes where no domain can be using it.</summary>
    /// <param name="domid">Who has it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="file">Which file it must be over.</param>
    /// <param name="image">The same by its numbers.</param>
    /// <param name="dead">The domain is gone.</param>
    /// <param name="cancel">Nothing is changed when it strikes.</param>
    public Task CloseAsync(Domid domid, Vdev vdev, string file, FileId image, bool dead, CancellationToken cancel) => store.TransactAsync(
        async (tx, ct) =>
        {
            if (!await IsOursAsync(tx, domid, vdev, file, image, ct).ConfigureAwait(false)) return false;
            var backend = VbdNodes.Backend(domid, vdev);
            var state = await StateAsync(tx, backend, ct).ConfigureAwait(false);
            if (dead || state is not (XenbusState.Connected or XenbusState.Closing))
            {
                await RemoveAsync(tx, domid, vdev, ct).ConfigureAwait(false);
                return true;
            }

            await tx.WriteTextAsync(backend / "online", "0", ct).ConfigureAwait(false);
            if (state != XenbusState.Closing) await tx.WriteTextAsync(backend / "state", Text(XenbusState.Closing), ct).ConfigureAwait(false);
            return true;
        },
        cancel);

    /// <summary>Removes the nodes of a disk of ours, and the folders that it leaves empty.</summary>
    /// <returns>False if there is none of ours.</returns>
    public Task<bool> RemoveAsync(Domid domid, Vdev vdev, string file, FileId image, CancellationToken cancel) => store.TransactAsync(
        async (tx, ct) =>
        {
            if (!await IsOursAsync(tx, domid, vdev, file, image, ct).ConfigureAwait(false)) return false;
            await RemoveAsync(tx, domid, vdev, ct).ConfigureAwait(false);
            return true;
        },
        cancel);

    /// <summary>Makes the domain's end, empty, and removes it: Linux looks at a disk anew when its node changes, and unregisters it when there is none.</summary>
    /// <remarks>
    /// Linux, drivers/xen/xenbus/xenbus_probe.c, xenbus_dev_changed: a restored kernel keeps the disks that it had, and nothing else tells it of those that were not given back. In two
    /// transactions, for a node that is made and removed in one may bring no event. What somebody else has put there by then stays.
    /// </remarks>
    /// <param name="domid">Whose.</param>
    /// <param name="uuid">Which life of it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="cancel">Breaks it off.</param>
    public async Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel)
    {
        var frontend = VbdNodes.Frontend(domid, vdev);
        var made = await store.TransactAsync(
            async (tx, ct) =>
            {
                if (await ObstacleAsync(tx, domid, uuid, vdev, ct).ConfigureAwait(false) is not null) return false;
                await tx.MakeAsync(frontend, ct).ConfigureAwait(false);
                return true;
            },
            cancel).ConfigureAwait(false);
        if (!made) return;
        await store.TransactAsync(
            async (tx, ct) =>
            {
                if (!await IsBareAsync(tx, domid, vdev, ct).ConfigureAwait(false)) return false;
                await PruneAsync(tx, frontend, XsPath.Home(domid) / "device", ct).ConfigureAwait(false);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The disks that are ours and over this file.</summary>
    public async Task<IReadOnlyList<(Domid Domid, Vdev Vdev)>> OverAsync(string file, FileId image, CancellationToken cancel)
    {
        var found = new List<(Domid, Vdev)>();
        foreach (var domain in await NamesAsync(VbdNodes.Backends, cancel).ConfigureAwait(false))
        {
            if (!Domid.TryParse(domain, out var domid)) continue;
            foreach (var disk in await NamesAsync(VbdNodes.Backends / domain, cancel).ConfigureAwait(false))
            {
                if (Vdev.TryParse(disk, out var vdev) && await IsOursAsync(store, domid, vdev, file, image, cancel).ConfigureAwait(false))
                    found.Add((domid, vdev));
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<string>> NamesAsync(XsPath folder, CancellationToken cancel)
    {
        try
        {
            return await store.ListAsync(folder, cancel).ConfigureAwait(false);
        }
        catch (XenstoreException e) when (e.Error == XsError.ENOENT)
        {
            return [];
        }
    }

    private async Task MakeAsync(IXsOperations tx, Domid domid, Vdev vdev, VbdBacking backing, CancellationToken cancel)
    {
        var (backend, frontend, record) = (VbdNodes.Backend(domid, vdev), VbdNodes.Frontend(domid, vdev), VbdNodes.Record(domid, vdev));
        (string, string)[] described =
        [
            ("params", backing.File), ("script", script), ("frontend-id", domid.ToString()), ("online", "1"), ("removable", "1"), ("bootable", "0"),
            ("state", Text(XenbusState.Initialising)), ("dev", vdev.Name), ("type", "phy"), ("mode", "w"), ("device-type", "disk"), ("discard-enable", "0"),
            ("specification", "xen"),
        ];
        var fills = new List<Task>();
        if (await tx.TryReadAsync(VbdNodes.Toolstack(domid), cancel).ConfigureAwait(false) is not null)
        {
            fills.Add(FillAsync(tx, record, new(new XsPermission(XsAccess.None, Domid.Zero)),
                [("frontend", frontend.ToString()), ("backend", backend.ToString()), .. described], cancel));
        }

        fills.Add(FillAsync(tx, frontend, new(new(XsAccess.None, domid), new(XsAccess.Read, Domid.Zero)),
            [("backend", backend.ToString()), ("backend-id", "0"), ("state", Text(XenbusState.Initialising)), ("virtual-device", vdev.ToString()),
             ("device-type", "disk"), ("trusted", "1")], cancel));
        fills.Add(FillAsync(tx, backend, XsPermissions.GuestReads(domid),
            [("frontend", frontend.ToString()), .. described, ("node", backing.Node),
             ("physical-device", string.Create(CultureInfo.InvariantCulture, $"{backing.Major:x}:{backing.Minor:x}")),
             ("physical-device-path", backing.Node), ("hotplug-status", "connected"), (Mark, backing.Id.ToString())], cancel));
        await Task.WhenAll(fills).ConfigureAwait(false);
    }

    /// <summary>A folder and what is in it, which has its permissions from it.</summary>
    private static async Task FillAsync(
        IXsOperations tx, XsPath folder, XsPermissions permissions, (string Name, string Value)[] nodes, CancellationToken cancel)
    {
        var asked = new List<Task> { tx.MakeAsync(folder, cancel), tx.SetPermissionsAsync(folder, permissions, cancel) };
        asked.AddRange(nodes.Select(node => tx.WriteTextAsync(folder / node.Name, node.Value, cancel)));
        await Task.WhenAll(asked).ConfigureAwait(false);
    }

    /// <summary>By our mark; without one, by the file: xl leaves disks without a mark, and what they are called nobody else calls theirs.</summary>
    private static async Task<bool> IsOursAsync(IXsOperations tx, Domid domid, Vdev vdev, string file, FileId image, CancellationToken cancel)
    {
        var backend = VbdNodes.Backend(domid, vdev);
        return await tx.TryReadTextAsync(backend / Mark, cancel).ConfigureAwait(false) is { } mark
            ? mark == image.ToString()
            : await tx.TryReadTextAsync(backend / "params", cancel).ConfigureAwait(false) == file;
    }

    private static async Task<BlockDeviceFault?> ObstacleAsync(IXsOperations tx, Domid domid, string uuid, Vdev vdev, CancellationToken cancel)
    {
        var alive = tx.IsStillAsync(domid, uuid, cancel);    // all are asked for at once: each answer takes a turn at the server
        var (backend, record, frontend) = (
            tx.TryReadAsync(VbdNodes.Backend(domid, vdev), cancel), tx.TryReadAsync(VbdNodes.Record(domid, vdev), cancel), tx.TryReadAsync(VbdNodes.Frontend(domid, vdev), cancel));
        if (!await alive.ConfigureAwait(false)) return BlockDeviceFault.NoDomain;
        if (await backend.ConfigureAwait(false) is not null || await record.ConfigureAwait(false) is not null) return BlockDeviceFault.SlotInUse;

        // A bare node is what DropDead leaves when it is broken off: no disk.
        return await frontend.ConfigureAwait(false) is null || await IsBareAsync(tx, domid, vdev, cancel).ConfigureAwait(false) ? null : BlockDeviceFault.SlotInUse;
    }

    /// <summary>The domain's end is there, empty and without children.</summary>
    private static async Task<bool> IsBareAsync(IXsOperations tx, Domid domid, Vdev vdev, CancellationToken cancel) =>
        await tx.TryReadAsync(VbdNodes.Frontend(domid, vdev), cancel).ConfigureAwait(false) is { Length: 0 }
        && (await tx.ListAsync(VbdNodes.Frontend(domid, vdev), cancel).ConfigureAwait(false)).Count == 0;

    private static void ThrowIf(BlockDeviceFault? fault, Domid domid, Vdev vdev)
    {
        if (fault is not { } why) return;
        throw new BlockDeviceException(why, why == BlockDeviceFault.NoDomain ? $"domain {domid} is not there" : $"domain {domid} has another disk at {vdev.Name}");
    }

    private static async Task RemoveAsync(IXsOperations tx, Domid domid, Vdev vdev, CancellationToken cancel)
    {
        await PruneAsync(tx, VbdNodes.Frontend(domid, vdev), XsPath.Home(domid) / "device", cancel).ConfigureAwait(false);
        await PruneAsync(tx, VbdNodes.Record(domid, vdev), VbdNodes.Toolstack(domid), cancel).ConfigureAwait(false);
        await PruneAsync(tx, VbdNodes.Error(domid, vdev), XsPath.Home(Domid.Zero), cancel).ConfigureAwait(false);
        await PruneAsync(tx, VbdNodes.Backend(domid, vdev), XsPath.Home(Domid.Zero), cancel).ConfigureAwait(false);
    }

    /// <summary>Removes a node and then its parents up to <paramref name="stop"/>, as long as they are empty, in value and of children.</summary>
    private static async Task PruneAsync(IXsOperations tx, XsPath path, XsPath stop, CancellationToken cancel)
    {
        if (await tx.TryReadAsync(path, cancel).ConfigureAwait(false) is null) return;
        await tx.RemoveAsync(path, cancel).ConfigureAwait(false);
        while (path.Parent is { } parent && parent != stop)
        {
            path = parent;
            if (await tx.TryReadAsync(path, cancel).ConfigureAwait(false) is not { Length: 0 }) return;
            if ((await tx.ListAsync(path, cancel).ConfigureAwait(false)).Count > 0) return;
            await tx.RemoveAsync(path, cancel).ConfigureAwait(false);
        }
    }

    private static async Task<XenbusState?> StateAsync(IXsOperations tx, XsPath end, CancellationToken cancel) =>
        await tx.TryReadTextAsync(end / "state", cancel).ConfigureAwait(false) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Enum.IsDefined((XenbusState)number) ? (XenbusState)number
        : XenbusState.Unknown;

    private static string Text(XenbusState state) => ((int)state).ToString(CultureInfo.InvariantCulture);
}
