using System.Text;
using Qfx.Xen.Store;

namespace Qfx.Xen.Wire;

/// <summary>Reads payloads: parts that each end with a NUL. Text is taken byte for byte, a character a byte (it is ASCII).</summary>
/// <remarks>xenstore.txt, "Communication with xenstore": <c>|</c> stands for the NUL.</remarks>
public static class XsPayload
{
    private const int LongestError = 64;    // characters; the longest that xs_wire.h lists has 9

    /// <summary>Takes the first part off <paramref name="rest"/>, without its NUL.</summary>
    /// <exception cref="XsProtocolException">There is no NUL.</exception>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        if (end < 0) throw new XsProtocolException("a part of a payload does not end with a NUL");
        var part = rest[..end];
        rest = rest[(end + 1)..];
        return part;
    }

    /// <summary>A payload that is one text; servers end it with a NUL, or not.</summary>
    /// <exception cref="XsProtocolException">There is something after the NUL.</exception>
    public static string Text(ReadOnlySpan<byte> payload)
    {
        if (payload is [.., 0]) payload = payload[..^1];
        return payload.Contains((byte)0)
            ? throw new XsProtocolException("a payload of one part has several")
            : Encoding.Latin1.GetString(payload);
    }

    /// <summary>A payload that is any number of parts, as DIRECTORY and GET_PERMS answer.</summary>
    /// <exception cref="XsProtocolException">The last part does not end with a NUL.</exception>
    public static IReadOnlyList<string> List(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return [];
        var parts = new List<string>(payload.Count((byte)0));
        while (!payload.IsEmpty) parts.Add(Encoding.Latin1.GetString(Next(ref payload)));
        return parts;
    }

    /// <summary>The payload of an ERROR: an errno's name, which may go into a log.</summary>
    /// <exception cref="XsProtocolException">There is something after the NUL, or it is longer than any name or not printable ASCII.</exception>
    public static XsError Error(ReadOnlySpan<byte> payload)
    {
        var name = Text(payload);
        return name.Length is > 0 and <= LongestError && !name.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new(name)
            : throw new XsProtocolException("an error has no name");
    }
}
