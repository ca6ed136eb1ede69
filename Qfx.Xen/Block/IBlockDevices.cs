using Qfx.Xen.Domains;

namespace Qfx.Xen.Block;

/// <summary>Plugs image files into domains as disks.</summary>
public interface IBlockDevices
{
    /// <summary>Attaches a file, to be read and written; ends when both ends are Connected.</summary>
    /// <param name="domid">Who gets it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="file">The image, by absolute path.</param>
    /// <param name="cancel">Breaks it off; how far it got is then not known.</param>
    /// <exception cref="BlockDeviceException">It is not attached.</exception>
    Task AttachAsync(Domid domid, Vdev vdev, string file, CancellationToken cancel);

    /// <summary>Detaches what <see cref="AttachAsync"/> attached; ends when the backend is Closed and the file is let go of.</summary>
    /// <param name="domid">Who has it. Nothing attached there is no error.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="dead">The domain is gone: nobody is asked to let go.</param>
    /// <param name="cancel">Breaks it off; the domain may still have the disk.</param>
    /// <exception cref="BlockDeviceException">The domain may still have the disk.</exception>
    Task DetachAsync(Domid domid, Vdev vdev, bool dead, CancellationToken cancel);
}
