using static System.Buffers.Binary.BinaryPrimitives;

namespace Qfx.Guest.Archive;

/// <summary>The first 4,096 bytes of an archive pendrive: docs/protocol.md, "Archive pendrives". A tar stream follows.</summary>
/// <param name="Length">Bytes of the tar stream.</param>
/// <param name="Contents">Bytes of all files in it.</param>
/// <param name="Entries">Files, folders and links in it.</param>
internal readonly record struct ArchiveHeader(long Length, long Contents, int Entries)
{
    /// <summary>Bytes before the tar stream.</summary>
    public const int Size = 4096;

    private static ReadOnlySpan<byte> Magic => "QFXTAR1\0"u8;

    /// <summary>Null for what is none: a pendrive that was not written to its end has no header, for that is written last.</summary>
    public static ArchiveHeader? Read(ReadOnlySpan<byte> block)
    {
        if (block.Length < Size || !block.StartsWith(Magic)) return null;
        var header = new ArchiveHeader(ReadInt64LittleEndian(block[8..]), ReadInt64LittleEndian(block[16..]), ReadInt32LittleEndian(block[24..]));
        return header is { Length: >= 0, Contents: >= 0, Entries: >= 0 } ? header : null;
    }

    /// <summary>As it stands on the pendrive. The last two bytes of its first sector are zeros, so no kernel takes it for a partition table.</summary>
    public byte[] ToBlock()
    {
        var block = new byte[Size];
        Magic.CopyTo(block);
        WriteInt64LittleEndian(block.AsSpan(8), Length);
        WriteInt64LittleEndian(block.AsSpan(16), Contents);
        WriteInt32LittleEndian(block.AsSpan(24), Entries);
        return block;
    }
}
