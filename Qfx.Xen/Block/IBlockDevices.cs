using Qfx.Xen.Domains;

namespace Qfx.Xen.Block;

/// <summary>Plugs image files into domains as disks.</summary>
public interface IBlockDevices
{
    /// <summary>Attaches a file, to be read and written; ends when both ends are Connected.</summary>
    /// <param name="domid">Who gets it.</param>
    /// <param name="uuid">Which life of it: see <see cref="DomainLife.IsStillAsync"/>. Another domain under this number gets nothing.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="file">The image, by absolute path.</param>
    /// <param name="cancel">Breaks it off; how far it got is then not known.</param>
    /// <exception cref="BlockDeviceException">It is not attached; if <see cref="BlockDeviceException.Exposed"/>, it must be detached.</exception>
    Task AttachAsync(Domid domid, string uuid, Vdev vdev, string file, CancellationToken cancel);

    /// <summary>Detaches what <see cref="AttachAsync"/> attached; ends when the backend is Closed and the file is let go of.</summary>
    /// <param name="domid">Who has it. Nothing attached there, or another disk, is no error: that one is left alone.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="file">The image that was attached.</param>
    /// <param name="dead">The domain is gone: nobody is asked to let go.</param>
    /// <param name="cancel">Breaks it off; the domain may still have the disk.</param>
    /// <exception cref="BlockDeviceException">The domain may still have the disk.</exception>
    Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel);

    /// <summary>
    /// Has a domain's kernel let go of a disk that it has kept from before it was saved, if it has one, so that it sees the next one there. A disk that is there is left alone.
    /// </summary>
    /// <param name="domid">Whose kernel.</param>
    /// <param name="uuid">Which life of it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="cancel">Breaks it off.</param>
    Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel);
}
