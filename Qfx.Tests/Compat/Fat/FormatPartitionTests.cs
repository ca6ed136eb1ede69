using System.Text;
using DiscUtils;
using DiscUtils.Fat;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Qfx.Tests.Compat.Fat;

/// <summary>What FormatPartition makes of a number of sectors: the package's table, which is that of Microsoft's FAT specification (fatgen103, "DskTableFAT16" and "DskTableFAT32").</summary>
public sealed class FormatPartitionTests
{
    [Theory]
    [InlineData(8_401, "FAT16   ", 2)]
    [InlineData(32_680, "FAT16   ", 2)]
    [InlineData(32_681, "FAT16   ", 4)]
    [InlineData(262_144, "FAT16   ", 4)]
    [InlineData(262_145, "FAT16   ", 8)]
    [InlineData(524_288, "FAT16   ", 8)]
    [InlineData(524_289, "FAT16   ", 16)]
    [InlineData(1_048_575, "FAT16   ", 16)]
    [InlineData(1_048_576, "FAT32   ", 8)]
    [InlineData(2_097_152, "FAT32   ", 8)]
    public void The_kind_and_the_size_of_a_cluster_follow_from_the_sectors(int sectors, string kind, int perCluster)
    {
        var boot = Format(sectors, "WORK");
        var extended = kind.StartsWith("FAT32", StringComparison.Ordinal) ? 64 : 36;
        Assert.Equal(kind, Encoding.ASCII.GetString(boot, extended + 18, 8));
        Assert.Equal(perCluster, boot[13]);
        Assert.Equal(512, ReadUInt16LittleEndian(boot.AsSpan(11)));
        Assert.Equal(2, boot[16]);    // tables
        Assert.Equal(sectors, sectors < 0x10000 ? ReadUInt16LittleEndian(boot.AsSpan(19)) : ReadInt32LittleEndian(boot.AsSpan(32)));
        Assert.Equal([0x55, 0xAA], boot[510..512]);
    }

    [Theory]
    [InlineData("WORK", "WORK       ")]
    [InlineData("ELEVEN_CHAR", "ELEVEN_CHAR")]
    [InlineData(null, "NO NAME    ")]
    public void The_label_is_padded_with_blanks(string? label, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(Format(32_000, label), 36 + 7, 11));

    private static byte[] Format(int sectors, string? label)
    {
        using var stream = new MemoryStream();
        using var made = FatFileSystem.FormatPartition(stream, label, new Geometry(sectors / (255 * 63), 255, 63), 0, sectors, 1);
        return stream.GetBuffer()[..512];
    }
}
