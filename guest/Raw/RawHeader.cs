using System.Buffers.Binary;
using System.Text;

namespace Qfx.Guest.Raw;

/// <summary>The first 1,024 bytes of a pendrive without a file system: docs/protocol.md, "Raw exchange".</summary>
/// <param name="Size">Bytes of contents that follow.</param>
/// <param name="Name">What the file is called: fit to be a file's name, whatever was in the header.</param>
/// <param name="Sum">SHA-256 of the contents; null from a guest of 2010.</param>
internal sealed record RawHeader(long Size, string Name, byte[]? Sum)
{
    public const int Length = 1024;     // bytes
    public const int MaxName = 255;     // bytes, NAME_MAX
    public const int SumSize = 32;      // bytes, SHA-256

    private const string Nameless = "document";
    private const int NameAt = 8;
    private const int SumAt = 984;
    private static readonly byte[] Mark = [.. "QFXSUM1\0"u8];

    public byte[] Encode()
    {
        var header = new byte[Length];
        BinaryPrimitives.WriteInt64LittleEndian(header, Size);
        Fit(Encoding.UTF8.GetBytes(Name)).CopyTo(header, NameAt);
        if (Sum is null) return header;
        Mark.CopyTo(header, SumAt);
        Sum.CopyTo(header, SumAt + Mark.Length);
        return header;
    }

    /// <exception cref="GuestException">No pendrive has this header.</exception>
    public static RawHeader Decode(ReadOnlySpan<byte> header)
    {
        var size = BinaryPrimitives.ReadInt64LittleEndian(header);
        if (size < 0) throw new GuestException(ExitCode.Failed, "What has come is no file: its length is absurd.");
        var name = header[NameAt..Length];
        var end = name.IndexOf((byte)0);
        if (end >= 0) name = name[..end];
        var sum = header[SumAt..Length];
        return new(size, SafeName(name), NameAt + name.Length < SumAt && sum.StartsWith(Mark) ? sum.Slice(Mark.Length, SumSize).ToArray() : null);
    }

    /// <summary>A name in the folder that it is meant for, and nowhere else: no path, not <c>..</c>, not too long. Else as it is, newlines and quotes too.</summary>
    internal static string SafeName(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(Fit(name[(name.LastIndexOf((byte)'/') + 1)..]));
        return text is "" or "." or ".." ? Nameless : text;
    }

    /// <summary>As much of a name as a file can have, with its extension: a program may go by that.</summary>
    internal static byte[] Fit(ReadOnlySpan<byte> name, int max = MaxName)
    {
        // What is no UTF-8 becomes longer: U+FFFD has three bytes.
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name));
        if (bytes.Length <= max) return bytes;
        var dot = Array.LastIndexOf(bytes, (byte)'.');
        var extension = dot > 0 && bytes.Length - dot <= 32 ? bytes[dot..] : [];
        var stem = max - extension.Length;
        while ((bytes[stem] & 0xC0) == 0x80) stem--;    // not within a letter
        return [.. bytes.AsSpan(0, stem), .. extension];
    }
}
