using System.Buffers.Binary;
using System.Text;

namespace Qfx.Daemon.X11;

/// <summary>The file that holds what an X server wants to see of a client. Xau(3): big-endian counted strings.</summary>
internal static class XAuthority
{
    public const string Cookie = "MIT-MAGIC-COOKIE-1";
    private const int MaxSize = 64 * 1024;

    /// <summary>The cookie for a display of this host; empty where the file has none, or is none.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="number">The display's number, <c>0</c> for <c>:0</c>.</param>
    public static byte[] CookieOf(string? path, string number)
    {
        if (path is null) return [];
        try
        {
            if ((File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.Device)) != 0) return [];
            using var file = File.OpenRead(path);
            if (file.Length > MaxSize) return [];
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return Find(bytes, number);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    internal static byte[] Find(ReadOnlySpan<byte> bytes, string number)
    {
        while (bytes.Length > 2)
        {
            bytes = bytes[2..];    // the family: a local display's cookie is in each of them
            if (!Take(ref bytes, out _) || !Take(ref bytes, out var display) || !Take(ref bytes, out var name) || !Take(ref bytes, out var data)) return [];
            if (Encoding.ASCII.GetString(name) == Cookie && (display.IsEmpty || Encoding.ASCII.GetString(display) == number)) return data.ToArray();
        }

        return [];
    }

    private static bool Take(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (bytes.Length < 2) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length < 2 + length) return false;
        value = bytes.Slice(2, length);
        bytes = bytes[(2 + length)..];
        return true;
    }
}
