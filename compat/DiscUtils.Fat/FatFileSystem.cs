using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DiscUtils.Fat;

/// <summary>A FAT file system in a stream; of the package's class only what formats one.</summary>
public sealed class FatFileSystem : IDisposable
{
    private const int Sector = 512;

    private FatFileSystem()
    {
    }

    /// <summary>Writes an empty file system: FAT16 below 1,048,576 sectors, FAT32 from there on.</summary>
    /// <param name="stream">Where to; from its position.</param>
    /// <param name="label">ASCII, cut to 11 characters; only in the boot sector, as the package does it. Null or empty for none.</param>
    /// <param name="diskGeometry">For the boot sector.</param>
    /// <param name="firstSector">How many sectors lie before it on the disk.</param>
    /// <param name="sectorCount">Its size in sectors of 512 bytes, over 8,400.</param>
    /// <param name="reservedSectors">Before the first FAT; at least 1 for FAT16 and 32 for FAT32 whatever is said here.</param>
    /// <exception cref="ArgumentException">It would be too small.</exception>
    /// <remarks>As the package does it: no FSInfo, no backup of the boot sector, no label in the root directory, FAT16's jump.</remarks>
    public static FatFileSystem FormatPartition(
        Stream stream, string? label, Geometry diskGeometry, int firstSector, int sectorCount, short reservedSectors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(diskGeometry);
        if (sectorCount <= 8400) throw new ArgumentException("a FAT partition has over 8,400 sectors", nameof(sectorCount));
        var origin = stream.Position;
        var fat32 = sectorCount >= 1024 * 1024;
        var reserved = Math.Max(reservedSectors, fat32 ? (short)32 : (short)1);
        var rootEntries = fat32 ? 0 : 512;
        var perCluster = SectorsPerCluster(sectorCount, fat32);
        var fatSectors = FatSectors(sectorCount, perCluster, fat32 ? 4 : 2);

        var boot = new byte[Sector];
        WriteBootSector(boot, label, diskGeometry, firstSector, sectorCount, reserved, rootEntries, perCluster, fatSectors, fat32);
        stream.Write(boot);

        var fat = new byte[fatSectors * Sector];
        if (fat32)
        {
            WriteUInt32LittleEndian(fat, 0x0FFFFFF8);
            WriteUInt32LittleEndian(fat.AsSpan(4), 0x0FFFFFFF);
            WriteUInt32LittleEndian(fat.AsSpan(8), 0x0FFFFFFF);    // the root directory: cluster 2 alone
        }
        else
        {
            WriteUInt16LittleEndian(fat, 0xFFF8);
            WriteUInt16LittleEndian(fat.AsSpan(2), 0xFFFF);
        }

        stream.Position = origin + ((long)reserved * Sector);
        stream.Write(fat);
        stream.Write(fat);
        stream.Write(new byte[(fat32 ? perCluster : rootEntries * 32 / Sector) * Sector]);
        if (stream.Length < origin + ((long)sectorCount * Sector)) stream.SetLength(origin + ((long)sectorCount * Sector));
        stream.Position = origin;
        return new FatFileSystem();
    }

    /// <summary>Leaves the stream open.</summary>
    public void Dispose()
    {
    }

    private static int SectorsPerCluster(int sectorCount, bool fat32) => fat32
        ? sectorCount switch { <= 16777216 => 8, <= 33554432 => 16, <= 67108864 => 32, _ => 64 }
        : sectorCount switch { <= 32680 => 2, <= 262144 => 4, <= 524288 => 8, _ => 16 };

    /// <summary>Of a table with an entry for each cluster that would fit if nothing but clusters were there.</summary>
    private static int FatSectors(int sectorCount, int perCluster, int entrySize) =>
        (int)((((long)sectorCount / perCluster * entrySize) + Sector - 1) / Sector);

    private static void WriteBootSector(
        Span<byte> boot, string? label, Geometry geometry, int hidden, int sectorCount, int reserved, int rootEntries, int perCluster,
        int fatSectors, bool fat32)
    {
        (boot[0], boot[1], boot[2]) = (0xEB, 0x3C, 0x90);
        "DISCUTIL"u8.CopyTo(boot[3..]);
        WriteUInt16LittleEndian(boot[11..], Sector);
        boot[13] = (byte)perCluster;
        WriteUInt16LittleEndian(boot[14..], (ushort)reserved);
        boot[16] = 2;
        WriteUInt16LittleEndian(boot[17..], (ushort)rootEntries);
        var small = sectorCount < 0x10000;
        WriteUInt16LittleEndian(boot[19..], small ? (ushort)sectorCount : (ushort)0);
        boot[21] = 0xF8;
        WriteUInt16LittleEndian(boot[22..], fat32 ? (ushort)0 : (ushort)fatSectors);
        WriteUInt16LittleEndian(boot[24..], (ushort)geometry.SectorsPerTrack);
        WriteUInt16LittleEndian(boot[26..], (ushort)geometry.HeadsPerCylinder);
        WriteUInt32LittleEndian(boot[28..], (uint)hidden);
        WriteUInt32LittleEndian(boot[32..], small ? 0 : (uint)sectorCount);
        var extended = boot[36..];
        if (fat32)
        {
            WriteUInt32LittleEndian(boot[36..], (uint)fatSectors);
            WriteUInt32LittleEndian(boot[44..], 2);
            WriteUInt16LittleEndian(boot[48..], 1);
            WriteUInt16LittleEndian(boot[50..], 6);
            extended = boot[64..];
        }

        extended[0] = 0x80;
        extended[2] = 0x29;
        WriteUInt32LittleEndian(extended[3..], unchecked((uint)DateTime.UtcNow.Ticks));
        Encoding.ASCII.GetBytes((string.IsNullOrEmpty(label) ? "NO NAME" : label).PadRight(11).AsSpan(0, 11), extended[7..]);
        Encoding.ASCII.GetBytes(fat32 ? "FAT32   " : "FAT16   ", extended[18..]);
        (boot[510], boot[511]) = (0x55, 0xAA);
    }
}
