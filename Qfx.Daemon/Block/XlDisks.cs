using Qfx.Streams.Domains;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Block;

/// <summary>Disks on Xen that xl attaches and detaches, with the loop device that Xen's own block script makes.</summary>
/// <remarks>What xl leaves behind when it fails is taken away as a native disk is: the nodes and the loop device are the same.</remarks>
internal sealed class XlDisks(IXenstore store, VbdStore vbds, ILoopDevices loops, IToolstack xl) : IDaemonDisks
{
    private readonly NativeDisks native = new(store, vbds, loops);

    /// <inheritdoc/>
    public async Task AttachAsync(Domid domid, string uuid, Vdev vdev, string file, CancellationToken cancel)
    {
        using var image = ImageFile.Open(file);
        await vbds.RequireFreeAsync(domid, uuid, vdev, cancel).ConfigureAwait(false);
        await xl.AttachAsync(domid, vdev, file, cancel).ConfigureAwait(false);
        if (!await vbds.MarkAsync(domid, uuid, vdev, file, image.Id, cancel).ConfigureAwait(false))
            throw new BlockDeviceException(BlockDeviceFault.Failed, $"domain {domid} ended while xl attached {vdev.Name}", exposed: true);
        await vbds.ConnectedAsync(domid, vdev, cancel).ConfigureAwait(false);
        if (loops.Over(image).Count == 0)
            throw new BlockDeviceException(BlockDeviceFault.Failed, $"{vdev.Name} of domain {domid} is not over {file}", exposed: true);
    }

    /// <inheritdoc/>
    public async Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel)
    {
        using (var image = ImageFile.Identify(file))
        {
            // xl has it in the domain's configuration: after a reboot the next life of the domain has it again.
            foreach (var (holder, disk) in await vbds.OverAsync(file, image.Id, cancel).ConfigureAwait(false))
            {
                if (!(dead && holder == domid)) await xl.DetachAsync(holder, disk, cancel).ConfigureAwait(false);
            }
        }

        await native.DetachAsync(domid, vdev, file, dead, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel) => native.DropDeadAsync(domid, uuid, vdev, cancel);

    /// <inheritdoc/>
    public Task<Swept> SweepAsync(IReadOnlyCollection<string> images, Func<string, DomainIdentity, Vdev, bool> stays, TimeSpan limit, CancellationToken cancel) =>
        native.SweepAsync(images, stays, limit, cancel);
}
