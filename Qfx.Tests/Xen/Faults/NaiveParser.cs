using System.Text;

namespace Qfx.Tests.Xen.Faults;

/// <summary>
/// What the wire's messages are, by xs_wire.h and nothing of ours: slow, and as plain as can be. It knows all bytes at once, so
/// nothing can go wrong at a boundary.
/// </summary>
internal static class NaiveParser
{
    /// <summary>The messages in their order, and how it ends: <c>whole</c>, <c>broken off</c> or <c>malformed</c>.</summary>
    public static (List<NaiveFrame> Frames, string End) Parse(byte[] bytes)
    {
        var frames = new List<NaiveFrame>();
        var at = 0L;
        while (at < bytes.LongLength)
        {
            if (bytes.LongLength - at < 16) return (frames, "broken off");
            var type = Number(bytes, at);
            var length = Number(bytes, at + 12);
            if (length > (type == 1 ? 1024 * 1024 : 4096)) return (frames, "malformed");    // 1 is DIRECTORY: oxenstored's comes in one piece
            if (bytes.LongLength - at - 16 < length) return (frames, "broken off");
            var payload = new byte[length];
            for (var i = 0L; i < length; i++) payload[i] = bytes[at + 16 + i];
            frames.Add(new(type, Number(bytes, at + 4), Number(bytes, at + 8), payload));
            at += 16 + length;
        }

        return (frames, "whole");
    }

    /// <summary>The parts of a payload, each with a NUL at its end; null where the last one has none.</summary>
    public static List<string>? Parts(byte[] payload)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        foreach (var b in payload)
        {
            if (b != 0)
            {
                part.Append((char)b);
                continue;
            }

            parts.Add(part.ToString());
            part.Clear();
        }

        return part.Length > 0 ? null : parts;
    }

    private static uint Number(byte[] bytes, long at)
    {
        var number = 0L;
        for (var i = 3; i >= 0; i--) number = (number * 256) + bytes[at + i];
        return (uint)number;
    }
}

/// <summary>A message.</summary>
internal sealed record NaiveFrame(uint Type, uint RequestId, uint TransactionId, byte[] Payload)
{
    /// <summary>To be compared and printed.</summary>
    public override string ToString() => $"{Type} {RequestId} {TransactionId} {Payload.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Payload).AsSpan(0, 8))}";
}
