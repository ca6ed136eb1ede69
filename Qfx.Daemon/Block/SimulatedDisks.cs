using System.Globalization;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Block;

/// <summary>Disks without a Xen: the image appears as a link in the domain's device folder, and xenstore shows the states of both ends.</summary>
/// <remarks>The folder of domain N is <c>folder/N</c>; the simulated VM's processes look there as others look in /dev.</remarks>
internal sealed class SimulatedDisks(IXenstore store, string folder) : IDaemonDisks
{
    private const string Mark = "qfx";

    public async Task AttachAsync(Domid domid, string uuid, Vdev vdev, string file, CancellationToken cancel)
    {
        var backend = VbdNodes.Backend(domid, vdev);
        var frontend = VbdNodes.Frontend(domid, vdev);
        var why = await store.TransactAsync<BlockDeviceFault?>(
            async (tx, ct) =>
            {
                if (!await tx.IsStillAsync(domid, uuid, ct).ConfigureAwait(false)) return BlockDeviceFault.NoDomain;
                if (await tx.TryReadAsync(backend, ct).ConfigureAwait(false) is not null
                    || await tx.TryReadAsync(frontend, ct).ConfigureAwait(false) is not null) return BlockDeviceFault.SlotInUse;
                await MakeAsync(tx, frontend, new(new(XsAccess.None, domid), new(XsAccess.Read, Domid.Zero)),
                    [("backend", backend.ToString()), ("backend-id", "0"), ("virtual-device", vdev.ToString()), ("device-type", "disk"), State(XenbusState.Initialising)], ct)
                    .ConfigureAwait(false);
                await MakeAsync(tx, backend, XsPermissions.GuestReads(domid),
                    [("frontend", frontend.ToString()), ("frontend-id", domid.ToString()), ("online", "1"), ("removable", "1"), ("dev", vdev.Name),
                     ("type", Mark), ("params", file), ("mode", "w"), State(XenbusState.InitWait)], ct).ConfigureAwait(false);
                return null;
            },
            cancel).ConfigureAwait(false);
        switch (why)
        {
            case BlockDeviceFault.NoDomain:
                throw new BlockDeviceException(why.Value, $"domain {domid} is not there");
            case BlockDeviceFault.SlotInUse:
                throw new BlockDeviceException(why.Value, $"domain {domid} has another disk at {vdev.Name}");
        }

        Link(domid, vdev, file);
        await SetStatesAsync(domid, vdev, XenbusState.Connected, cancel).ConfigureAwait(false);
    }

    public Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel) => DetachAsync(domid, vdev, dead, cancel);

    private async Task DetachAsync(Domid domid, Vdev vdev, bool dead, CancellationToken cancel)
    {
        if (await store.TryReadTextAsync(VbdNodes.Backend(domid, vdev) / "type", cancel).ConfigureAwait(false) is { } type && type != Mark) return;
        if (!dead) await SetStatesAsync(domid, vdev, XenbusState.Closing, cancel).ConfigureAwait(false);
        Unlink(domid, vdev);
        if (!dead) await SetStatesAsync(domid, vdev, XenbusState.Closed, cancel).ConfigureAwait(false);
        await store.TransactAsync(
            async (tx, ct) =>
            {
                if (await tx.TryReadTextAsync(VbdNodes.Backend(domid, vdev) / "type", ct).ConfigureAwait(false) != Mark) return false;
                await tx.RemoveAsync(VbdNodes.Backend(domid, vdev), ct).ConfigureAwait(false);
                if (await tx.TryReadAsync(VbdNodes.Frontend(domid, vdev), ct).ConfigureAwait(false) is not null)
                    await tx.RemoveAsync(VbdNodes.Frontend(domid, vdev), ct).ConfigureAwait(false);
                return true;
            },
            cancel).ConfigureAwait(false);
    }

    /// <remarks>There is no kernel that would keep one.</remarks>
    public Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>These disks are ours alone: all that is there goes, unless it may stay.</remarks>
    public async Task<Swept> SweepAsync(
        IReadOnlyCollection<string> images, Func<string, DomainIdentity, Vdev, bool> stays, TimeSpan limit, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var staying = new Dictionary<string, Slot>();
        foreach (var link in Directory.EnumerateDirectories(folder).SelectMany(Directory.EnumerateFileSystemEntries).ToArray())
        {
            if (!Domid.TryParse(Path.GetFileName(Path.GetDirectoryName(link)), out var domid)) continue;
            foreach (var vdev in new[] { Vdev.Xvdg, Vdev.Xvdh }.Where(vdev => vdev.Name == Path.GetFileName(link)))
            {
                if (File.ResolveLinkTarget(link, false)?.FullName is { } image && images.Contains(image)
                    && await HolderAsync(domid, vdev, cancel).ConfigureAwait(false) is { } holder && stays(image, holder, vdev)) staying.Add(image, new(holder, vdev));
                else await DetachAsync(domid, vdev, dead: true, cancel).ConfigureAwait(false);
            }
        }

        return new(new HashSet<string>(), staying);
    }

    /// <summary>Who has a disk of ours with both ends Connected.</summary>
    private async Task<DomainIdentity?> HolderAsync(Domid domid, Vdev vdev, CancellationToken cancel)
    {
        var connected = State(XenbusState.Connected).Value;
        foreach (var end in new[] { VbdNodes.Backend(domid, vdev), VbdNodes.Frontend(domid, vdev) })
        {
            if (await store.TryReadTextAsync(end / "state", cancel).ConfigureAwait(false) != connected) return null;
        }

        return await store.FindLifeAsync(domid, cancel).ConfigureAwait(false) is { } uuid ? new(domid, uuid) : null;
    }

    private void Link(Domid domid, Vdev vdev, string file)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, domid.ToString()));
            File.CreateSymbolicLink(LinkOf(domid, vdev), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlockDeviceException(BlockDeviceFault.Failed, $"{LinkOf(domid, vdev)}: {e.Message}", exposed: true, e);
        }
    }

    private void Unlink(Domid domid, Vdev vdev)
    {
        try
        {
            File.Delete(LinkOf(domid, vdev));
        }
        catch (DirectoryNotFoundException)
        {
            // No folder, no disk.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlockDeviceException(BlockDeviceFault.Failed, $"{LinkOf(domid, vdev)}: {e.Message}", exposed: true, e);
        }
    }

    /// <summary>Both ends at once: the simulated kernel's part is played here too.</summary>
    private Task<bool> SetStatesAsync(Domid domid, Vdev vdev, XenbusState state, CancellationToken cancel) => store.TransactAsync(
        async (tx, ct) =>
        {
            foreach (var end in new[] { VbdNodes.Backend(domid, vdev), VbdNodes.Frontend(domid, vdev) })
            {
                if (await tx.TryReadAsync(end / "state", ct).ConfigureAwait(false) is not null)
                    await tx.WriteTextAsync(end / "state", State(state).Value, ct).ConfigureAwait(false);
            }

            return true;
        },
        cancel);

    private static async Task MakeAsync(
        IXsOperations tx, XsPath folder, XsPermissions permissions, (string Name, string Value)[] nodes, CancellationToken cancel)
    {
        await tx.MakeAsync(folder, cancel).ConfigureAwait(false);
        await tx.SetPermissionsAsync(folder, permissions, cancel).ConfigureAwait(false);
        foreach (var (name, value) in nodes) await tx.WriteTextAsync(folder / name, value, cancel).ConfigureAwait(false);
    }

    private static (string Name, string Value) State(XenbusState state) => ("state", ((int)state).ToString(CultureInfo.InvariantCulture));

    private string LinkOf(Domid domid, Vdev vdev) => Path.Combine(folder, domid.ToString(), vdev.Name);
}
