using System.Globalization;
using System.Text;

namespace Qfx.Streams.Requests;

/// <summary>Makes a guest's bytes harmless for a log: bounded, one line, printable ASCII.</summary>
public static class Quote
{
    /// <summary>Bytes that are shown; of the rest only the number is.</summary>
    public const int MaxShown = 64;

    /// <summary>The bytes between quotes; what is not a printable ASCII letter, and quotes and backslashes, as <c>\xNN</c>.</summary>
    public static string Bytes(ReadOnlySpan<byte> value)
    {
        var shown = value.Length > MaxShown ? value[..MaxShown] : value;
        var text = new StringBuilder(shown.Length + 16).Append('"');
        foreach (var b in shown)
        {
            if (b is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\') text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        text.Append('"');
        if (shown.Length < value.Length) text.Append(CultureInfo.InvariantCulture, $" and {value.Length - shown.Length} bytes more");
        return text.ToString();
    }
}
