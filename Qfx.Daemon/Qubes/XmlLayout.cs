namespace Qfx.Daemon.Qubes;

/// <summary>Where the root element and its children lie in a document, in bytes: what an edit of the text needs.</summary>
/// <param name="Content">Between the root's start tag and its end tag; empty, at the end of the tag, where the root is <c>&lt;r/&gt;</c>.</param>
/// <param name="Children">The root's child elements in order, each from its <c>&lt;</c> to past its last <c>&gt;</c>.</param>
/// <param name="SelfClosed">The root is <c>&lt;r/&gt;</c>.</param>
internal sealed record XmlLayout(Range Content, IReadOnlyList<Range> Children, bool SelfClosed)
{
    /// <summary>Scans a document that an XML parser has found to be well formed, without a DTD, in UTF-8.</summary>
    public static XmlLayout Of(ReadOnlySpan<byte> text)
    {
        var children = new List<Range>();
        var (depth, begun, content, selfClosed) = (0, 0, new Range(0, 0), false);
        for (var at = 0; Next(text, at, out var start, out at) is var mark && mark != Mark.None;)
        {
            switch (mark)
            {
                case Mark.Start or Mark.Empty when depth == 0:
                    selfClosed = mark == Mark.Empty;
                    content = at..at;
                    break;
                case Mark.Start when depth == 1:
                    begun = start;
                    break;
                case Mark.Empty when depth == 1:
                    children.Add(start..at);
                    break;
                case Mark.End when depth == 2:
                    children.Add(begun..at);
                    break;
                case Mark.End when depth == 1:
                    content = content.Start..start;
                    break;
            }

            depth += mark switch { Mark.Start => 1, Mark.End => -1, _ => 0 };
        }

        return new(content, children, selfClosed);
    }

    private enum Mark
    {
        None,
        Start,
        Empty,
        End,
    }

    /// <summary>The next tag from a place on: comments, CDATA and processing instructions are passed over.</summary>
    private static Mark Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (end = from; ;)
        {
            var bracket = text[end..].IndexOf((byte)'<');
            start = bracket < 0 ? text.Length : end + bracket;
            var rest = text[start..];
            if (rest.Length == 0) return Mark.None;
            if (rest.StartsWith("<!--"u8)) end = Past(text, start + 4, "-->"u8);
            else if (rest.StartsWith("<![CDATA["u8)) end = Past(text, start, "]]>"u8);
            else if (rest.StartsWith("<?"u8)) end = Past(text, start, "?>"u8);
            else
            {
                end = PastTag(text, start);
                return rest[1] == (byte)'/' ? Mark.End : text[end - 2] == (byte)'/' ? Mark.Empty : Mark.Start;
            }
        }
    }

    private static int Past(ReadOnlySpan<byte> text, int from, ReadOnlySpan<byte> what) => from + text[from..].IndexOf(what) + what.Length;

    /// <summary>A <c>&gt;</c> in a quoted value ends no tag.</summary>
    private static int PastTag(ReadOnlySpan<byte> text, int at)
    {
        for (byte quote = 0; ; at++)
        {
            var c = text[at];
            if (quote != 0) quote = c == quote ? (byte)0 : quote;
            else if (c is (byte)'"' or (byte)'\'') quote = c;
            else if (c == (byte)'>') return at + 1;
        }
    }
}
