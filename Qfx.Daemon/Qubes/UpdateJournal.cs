using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Qfx.Daemon.Qubes;

/// <summary>A change that is about to be made in place: the text before and after it, whole.</summary>
/// <remarks>The file: <c>QFXJRNL1</c>, both lengths (64 bits, little endian), both texts, and the SHA-256 of all that.</remarks>
internal sealed record UpdateJournal(byte[] Before, byte[] After)
{
    private const int Header = 24;

    public byte[] Encode()
    {
        var bytes = new byte[Header + Before.Length + After.Length + SHA256.HashSizeInBytes];
        "QFXJRNL1"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Before.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), After.Length);
        Before.CopyTo(bytes, Header);
        After.CopyTo(bytes, Header + Before.Length);
        var sum = bytes.Length - SHA256.HashSizeInBytes;
        SHA256.HashData(bytes.AsSpan(0, sum), bytes.AsSpan(sum));
        return bytes;
    }

    /// <summary>Null for one that was not written to its end: then the change was not begun either.</summary>
    public static UpdateJournal? Decode(ReadOnlySpan<byte> bytes)
    {
        var sum = bytes.Length - SHA256.HashSizeInBytes;
        if (sum < Header || !bytes.StartsWith("QFXJRNL1"u8) || !SHA256.HashData(bytes[..sum]).AsSpan().SequenceEqual(bytes[sum..])) return null;
        var before = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        var after = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        if (before < 0 || after < 0 || before > sum || after > sum || Header + before + after != sum) return null;
        return new(bytes.Slice(Header, (int)before).ToArray(), bytes.Slice(Header + (int)before, (int)after).ToArray());
    }

    /// <summary>What is written in place: blanks take the place of what is to be cut off, so that one write makes the new list whole.</summary>
    public byte[] Padded()
    {
        var padded = new byte[Math.Max(Before.Length, After.Length)];
        After.CopyTo(padded, 0);
        padded.AsSpan(After.Length).Fill((byte)'\n');
        return padded;
    }

    /// <summary>
    /// Whether a text is this change broken off in the middle: each byte as before or as after it, or a zero where the file system
    /// had made the file longer and not yet written. The text after a change by anybody else is not.
    /// </summary>
    public bool IsTorn(ReadOnlySpan<byte> text)
    {
        var padded = Padded();
        if (text.Length < Before.Length && text.Length < After.Length || text.Length > padded.Length) return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != padded[i] && (i < Before.Length ? text[i] != Before[i] : text[i] != 0)) return false;
        }

        return true;
    }
}
