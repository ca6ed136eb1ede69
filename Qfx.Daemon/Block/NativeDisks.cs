using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Lanes;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Block;

/// <summary>Disks on Xen with no toolstack process: a loop device of the kernel's, and the disk's nodes in xenstore.</summary>
/// <remarks>
/// Whether a domain still has an image, its loop device tells: as long as the backend has that open, the device is over the
/// image. So a detach ends when no device is over it any more, whatever the two ends say of themselves.
/// </remarks>
internal sealed class NativeDisks(IXenstore store, VbdStore vbds, ILoopDevices loops) : IDaemonDisks
{
    /// <inheritdoc/>
    /// <remarks>
    /// The loop device stays bound until both ends are Connected, and only then is it left to the kernel to free: if it were
    /// free before the backend has opened it, another file could be bound under its number, and the domain would get that one.
    /// </remarks>
    public async Task AttachAsync(Domid domid, string uuid, Vdev vdev, string file, CancellationToken cancel)
    {
        using var image = ImageFile.Open(file);
        var device = await Task.Run(() => loops.Bind(image), cancel).ConfigureAwait(false);
        try
        {
            await vbds.MakeAsync(domid, uuid, vdev, new(file, image.Id, device.Node, device.Major, device.Minor), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BlockDeviceException or XenstoreException or OperationCanceledException)
        {
            loops.Free(device, image.Id);    // nothing was written; if the connection was lost, that is not known, and it stays
            throw;
        }

        await vbds.ConnectedAsync(domid, vdev, cancel).ConfigureAwait(false);
        await Task.Run(() => loops.Free(device, image.Id), CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// An attach that was broken off, by a guest or with an earlier run, has left its loop device bound. A backend that closes, or is to, has opened it by then, for
    /// the kernel hands a backend its device before it looks at the other end; so nobody opens it by its number any more.
    /// </remarks>
    public async Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel)
    {
        using var image = ImageFile.Identify(file);
        await vbds.CloseAsync(domid, vdev, file, image.Id, dead, cancel).ConfigureAwait(false);
        FreeAll(image);
        await FreedAsync(domid, vdev, file, image, cancel).ConfigureAwait(false);
        await vbds.RemoveAsync(domid, vdev, file, image.Id, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel) => vbds.DropDeadAsync(domid, uuid, vdev, cancel);

    /// <inheritdoc/>
    /// <remarks>A disk is ours if it bears our mark and is over one of the images, by its numbers. So is a loop device over one.</remarks>
    public async Task<Swept> SweepAsync(
        IReadOnlyCollection<string> images, Func<string, DomainIdentity, Vdev, bool> stays, TimeSpan limit, CancellationToken cancel)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(limit);
        var all = await Task.WhenAll(images.Select(async image => (Image: image, Left: await SweepAsync(image, stays, bound.Token).ConfigureAwait(false)))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return new(
            all.Where(one => one.Left is (true, null)).Select(one => one.Image).ToHashSet(),
            all.Where(one => one.Left.Stays is not null).ToDictionary(one => one.Image, one => one.Left.Stays!.Value));
    }

    /// <returns>Whether somebody still has the image; and where, if it is to stay there.</returns>
    private async Task<(bool Held, Slot? Stays)> SweepAsync(string file, Func<string, DomainIdentity, Vdev, bool> stays, CancellationToken cancel)
    {
        using var image = ImageFile.Identify(file);
        try
        {
            var over = await vbds.OverAsync(file, image.Id, cancel).ConfigureAwait(false);
            if (over is [var (holder, at)] && loops.Over(image).Count > 0 && await store.FindLifeAsync(holder, cancel).ConfigureAwait(false) is { } uuid
                && stays(file, new(holder, uuid), at) && await vbds.IsConnectedAsync(holder, at, cancel).ConfigureAwait(false))
            {
                FreeAll(image);    // by the kernel, once the backend closes it: as after any attach
                return (true, new(new(holder, uuid), at));
            }

            foreach (var (domid, vdev) in over)
            {
                var dead = !await store.IsIntroducedAsync(domid, cancel).ConfigureAwait(false);
                await DetachAsync(domid, vdev, file, dead, cancel).ConfigureAwait(false);
            }

            FreeAll(image);    // one that no disk is over: it was bound when the earlier run ended
            return (loops.Over(image).Count > 0, null);
        }
        catch (Exception e) when (e is OperationCanceledException or BlockDeviceException)
        {
            return (true, null);
        }
    }

    /// <summary>No backend is to open them any more.</summary>
    private void FreeAll(ImageFile image)
    {
        foreach (var device in loops.Over(image)) loops.Free(device, image.Id);
    }

    /// <summary>Waits until no device is over the image.</summary>
    private Task<Unit> FreedAsync(Domid domid, Vdev vdev, string file, ImageFile image, CancellationToken cancel) =>
        loops.Closings(file)
            .Merge(vbds.Changes(domid, vdev).Select(_ => Unit.Default))
            .Conflate((_, newer) => newer, _ => Observable.Start(() => loops.Over(image)))
            .Where(devices => devices.Count == 0)
            .Select(_ => Unit.Default)
            .FirstAsync()
            .ToTask(cancel);
}
