using System.Globalization;
using System.Text;

namespace Qfx.Streams.Requests;

/// <summary>What stands in a guest's <c>qubes_pen_status</c>: <c>n code text</c>.</summary>
/// <param name="N">How many requests were taken from this domain when the one that this answers was.</param>
/// <param name="Code">One word.</param>
/// <param name="Text">For a person; ASCII, nothing that a guest wrote.</param>
public sealed record Status(int N, StatusCode Code, string Text)
{
    /// <summary>Bytes the value has at most.</summary>
    public const int MaxLength = 256;

    /// <summary>As it is written: ASCII, one line, cut at <see cref="MaxLength"/> bytes.</summary>
    public byte[] Encode()
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{N} {Code.Word()} {Text}").TrimEnd();
        var bytes = Encoding.ASCII.GetBytes(line.Length > MaxLength ? line[..MaxLength] : line);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] is < 0x20 or > 0x7E) bytes[i] = (byte)'?';
        }

        return bytes;
    }

    /// <summary>Whether a status that this daemon, or an earlier run of it, wrote says that the request is still open.</summary>
    public static bool IsOpen(ReadOnlySpan<byte> value)
    {
        var code = value[(value.IndexOf((byte)' ') + 1)..];
        foreach (var open in OpenWords)
        {
            if (code.StartsWith(open) && (code.Length == open.Length || code[open.Length] == ' ')) return true;
        }

        return false;
    }

    private static readonly byte[][] OpenWords =
        [.. Enum.GetValues<StatusCode>().Where(code => code.IsOpen()).Select(code => Encoding.ASCII.GetBytes(code.Word()))];

    /// <summary>The count at the start of a status that this daemon, or an earlier run of it, wrote; 0 for anything else.</summary>
    public static int CountOf(ReadOnlySpan<byte> value)
    {
        var blank = value.IndexOf((byte)' ');
        var digits = blank < 0 ? value : value[..blank];
        return digits.Length is > 0 and <= 10
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
    }
}
