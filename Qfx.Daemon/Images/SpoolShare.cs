using Qfx.Streams.Domains;

namespace Qfx.Daemon.Images;

/// <summary>What one VM may have of the spool: what its pendrives have allocated on the disk, whoever has them and in whichever of its lives it made them, and the next one in full.</summary>
/// <param name="images">The spool.</param>
/// <param name="maxMiB">So much.</param>
internal sealed class SpoolShare(ImageStore images, int maxMiB)
{
    private const long MiB = 1024 * 1024;

    /// <exception cref="ImageException">One of this size would be over it.</exception>
    public void Check(DomainIdentity sender, int mib)
    {
        var has = images.All().Concat(images.AllGone()).Where(file => PendriveRecord.Read(file)?.Sender.Uuid == sender.Uuid).Sum(FileUsage.AllocatedBytes);
        if (has + (mib * MiB) > maxMiB * MiB)
            throw new ImageException($"a VM may have {maxMiB} MiB of the spool, this one's pendrives have {has / MiB}: too much for one of {mib}", noSpace: true, null);
    }
}
