using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
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
    public async Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel)
    {
        using var image = ImageFile.Identify(file);
        var found = await vbds.CloseAsync(domid, vdev, file, image.Id, dead, cancel).ConfigureAwait(false);
        if (found != VbdFound.Closing) FreeAll(image);
        await FreedAsync(domid, vdev, file, image, cancel).ConfigureAwait(false);
        await vbds.RemoveAsync(domid, vdev, file, image.Id, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A disk is ours if it bears our mark and is over one of the images, by its numbers. So is a loop device over one.</remarks>
    public async Task<IReadOnlySet<string>> SweepAsync(IReadOnlyCollection<string> images, TimeSpan limit, CancellationToken cancel)
    {
        if (images.Count == 0) return new HashSet<string>();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(limit);
        var held = await Task.WhenAll(images.Select(image => SweepAsync(image, bound.Token))).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return held.OfType<string>().ToHashSet();
    }

    /// <returns>The image, if somebody still has it.</returns>
    private async Task<string?> SweepAsync(string file, CancellationToken cancel)
    {
        using var image = ImageFile.Identify(file);
        try
        {
            foreach (var (domid, vdev) in await vbds.OverAsync(file, image.Id, cancel).ConfigureAwait(false))
            {
                var dead = !await store.IsIntroducedAsync(domid, cancel).ConfigureAwait(false);
                await DetachAsync(domid, vdev, file, dead, cancel).ConfigureAwait(false);
            }

            FreeAll(image);    // one that no disk is over: it was bound when the earlier run ended
            return loops.Over(image).Count == 0 ? null : file;
        }
        catch (OperationCanceledException)
        {
            return file;
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
