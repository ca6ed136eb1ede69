using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Qfx.Daemon.Images;

/// <summary>What DiscUtils leaves out of a fresh volume, and fsck.vfat and file managers miss.</summary>
/// <remarks>
/// A random serial number, the label as an entry of the root directory, and on FAT32 the jump over its longer header, the
/// FSInfo sector and the backup of both. Microsoft, "FAT: General Overview of On-Disk Format", sections "FAT32 FSInfo Sector" and "Volume label".
/// </remarks>
internal static class FatFinish
{
    private const int Sector = 512;

    /// <summary>Completes a volume that was formatted a moment ago; never one that a guest has had.</summary>
    /// <param name="volume">From its first byte.</param>
    /// <param name="label">At most 11 characters of ASCII, in capitals.</param>
    public static void Complete(Stream volume, string label)
    {
        var boot = new byte[Sector];
        volume.Position = 0;
        volume.ReadExactly(boot);
        var fat32 = ReadUInt16LittleEndian(boot.AsSpan(22)) == 0;
        var padded = Encoding.ASCII.GetBytes(label.PadRight(11));

        var extended = boot.AsSpan(fat32 ? 64 : 36);
        Guid.NewGuid().ToByteArray().AsSpan(0, 4).CopyTo(extended[3..]);    // the serial number
        padded.CopyTo(extended[7..]);
        if (fat32) boot[1] = 0x58;
        WriteAt(volume, 0, boot);

        var reserved = ReadUInt16LittleEndian(boot.AsSpan(14));
        var fatSectors = fat32 ? ReadUInt32LittleEndian(boot.AsSpan(36)) : ReadUInt16LittleEndian(boot.AsSpan(22));
        var root = reserved + (boot[16] * (long)fatSectors);
        WriteAt(volume, root, LabelEntry(padded));
        if (!fat32) return;

        var sectors = ReadUInt32LittleEndian(boot.AsSpan(32));
        var clusters = (uint)((sectors - root) / boot[13]);
        var info = FsInfo(free: clusters - 1, last: 2);    // the root directory has the first one, cluster 2
        var backup = ReadUInt16LittleEndian(boot.AsSpan(50));
        WriteAt(volume, ReadUInt16LittleEndian(boot.AsSpan(48)), info);
        WriteAt(volume, backup, boot);
        WriteAt(volume, backup + 1, info);
    }

    private static byte[] LabelEntry(byte[] padded)
    {
        var entry = new byte[32];
        padded.CopyTo(entry, 0);
        entry[11] = 0x08;    // ATTR_VOLUME_ID
        WriteUInt16LittleEndian(entry.AsSpan(24), (1 << 5) | 1);    // 1980-01-01: when it was made is nobody's business
        return entry;
    }

    private static byte[] FsInfo(uint free, uint last)
    {
        var sector = new byte[Sector];
        WriteUInt32LittleEndian(sector, 0x41615252);
        WriteUInt32LittleEndian(sector.AsSpan(484), 0x61417272);
        WriteUInt32LittleEndian(sector.AsSpan(488), free);
        WriteUInt32LittleEndian(sector.AsSpan(492), last);
        WriteUInt32LittleEndian(sector.AsSpan(508), 0xAA550000);
        return sector;
    }

    private static void WriteAt(Stream volume, long sector, byte[] bytes)
    {
        volume.Position = sector * Sector;
        volume.Write(bytes);
    }
}
