using System.Globalization;
using System.Text;

namespace Qfx.Guest.Exchange;

/// <summary>What dom0 says in <c>qubes_pen_status</c>: how many requests it has taken, a word, and a sentence.</summary>
internal sealed record PenStatus(int N, string Code, string Text)
{
    private const int MaxLength = 256;

    /// <summary>Reads <c>n code text</c>; null for anything else.</summary>
    public static PenStatus? Parse(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > MaxLength || value.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E)) return null;
        var words = Encoding.ASCII.GetString(value).Split(' ', 3);
        if (words.Length < 2 || words[0].Length is 0 or > 10 || words[1].Length == 0) return null;
        if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n)) return null;
        foreach (var c in words[1])
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') return null;
        }

        return new(n, words[1], words.Length == 3 ? words[2] : "");
    }

    /// <summary>The request is under way, and another word will follow.</summary>
    public bool IsOpen => Code is "asking" or "waiting";

    /// <summary>What it answers.</summary>
    public string Request { get; init; } = "";

    /// <summary>What was asked for has happened. That a copy was cancelled, by whomever, is no good answer to <c>send</c>.</summary>
    public bool IsGood => (Request.Split(' ')[0], Code) is ("new", "attached") or ("send", "sent" or "received") or ("umount", "detached")
        or ("cancel" or "killme", "cancelled");
}
