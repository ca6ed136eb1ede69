namespace Qfx.Streams.Marbles;

/// <summary>Reads rows of marbles: the grammar of RxJS's <c>run</c> mode, with groups in any order and rows of several lines.</summary>
/// <remarks>
/// <c>-</c> is a frame in which nothing happens, a letter or digit one in which its value comes, <c>|</c> the end, <c>#</c> an
/// error. <c>(ab)</c>: all at the frame where the parenthesis opens, in this order; it takes as many frames as it has
/// characters. <c>{ab}</c>: the same in any order. <c>^</c> in a hot row is frame 0; <c>^</c> and <c>!</c> in a subscription
/// row are its beginning and its end. <c> 200ms </c>, <c> 1.5s </c>, <c> 5m </c>, <c> 2h </c>, with blanks or the row's end on
/// both sides, let time go by. Blanks mean nothing else.
/// </remarks>
public static class MarbleParser
{
    /// <summary>Reads a row.</summary>
    /// <exception cref="MarbleException">Points at the column.</exception>
    public static MarbleRow Parse(string text, MarbleSyntax? syntax = null) => Parse([text], syntax);

    /// <summary>Reads a row that is written in several lines, one over the other.</summary>
    /// <exception cref="MarbleException">Points at the column.</exception>
    public static MarbleRow Parse(IReadOnlyList<string> lines, MarbleSyntax? syntax = null)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var seen = new HashSet<char>();
        var read = lines.Select(line => new Line(line, syntax ?? MarbleSyntax.Default, seen)).ToArray();
        var row = read.Select(line => line.Read()).Aggregate(MarbleRow.Empty, (below, line) => below.Over(line));
        NothingAfterTheEnd(read);
        if (syntax?.Kind != MarbleKind.Hot || !seen.Contains('^')) return row;
        return row.Shift(-row.Beats.First(b => b.Marks.Contains('^', StringComparison.Ordinal)).Frame);
    }

    /// <summary>Where a mark of a frame is written: the line and the column. Null if it is nowhere.</summary>
    public static (int Line, int Column)? Find(IReadOnlyList<string> lines, MarbleSyntax syntax, long frame, char mark)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var seen = new HashSet<char>();
        for (var number = 0; number < lines.Count; number++)
        {
            var line = new Line(lines[number], syntax, seen);
            line.Read();
            foreach (var (at, column, _) in line.Marks)
            {
                if (at == frame && lines[number][column] == mark) return (number, column);
            }
        }

        return null;
    }

    /// <summary>The end in one line is the end of all: marks of one frame come in the order of the lines.</summary>
    private static void NothingAfterTheEnd(Line[] lines)
    {
        var marks = lines.SelectMany(line => line.Marks.Select(mark => (Line: line, Mark: mark))).OrderBy(m => m.Mark.Frame).ToArray();
        var end = Array.FindIndex(marks, m => m.Mark.IsEnd);
        if (end >= 0 && end < marks.Length - 1) throw marks[end + 1].Line.Bad("nothing comes after the end", marks[end + 1].Mark.Column);
    }

    /// <summary>One line, and how far it is read.</summary>
    private sealed class Line(string text, MarbleSyntax syntax, HashSet<char> seen)
    {
        private readonly List<Beat> beats = [];
        private long frame;
        private bool over;

        /// <summary>Where each mark is.</summary>
        public List<(long Frame, int Column, bool IsEnd)> Marks { get; } = [];

        public MarbleRow Read()
        {
            for (var at = 0; at < text.Length; at++)
            {
                var c = text[at];
                if (c == ' ') continue;
                if (TimeAt(at) is var (length, frames))
                {
                    frame += frames;
                    at += length - 1;
                }
                else if (c == '-')
                {
                    frame++;
                }
                else if (c is '(' or '{')
                {
                    at = Group(at);
                }
                else
                {
                    beats.Add(new(frame, Mark(at)));
                    frame++;
                }
            }

            return MarbleRow.Of(beats, frame);
        }

        /// <returns>The column of its end.</returns>
        private int Group(int open)
        {
            var (close, marks) = (text[open] == '(' ? ')' : '}', "");
            for (var at = open + 1; at < text.Length; at++)
            {
                var c = text[at];
                if (c == ' ') continue;
                if (c == close)
                {
                    if (marks.Length == 0) throw Bad("a group has something in it", at);
                    beats.Add(new(frame, marks, AnyOrder: close == '}'));
                    frame += marks.Length + 2;
                    return at;
                }

                if (c is '(' or '{') throw Bad("a group cannot be inside a group", at);
                if (c == '-') throw Bad("a group is one moment: no time goes by in it", at);
                if (close == '}' && !syntax.IsValue(c) && c is '|' or '#' or '^' or '!') throw Bad($"'{c}' has its place in the order: '(…)' instead of '{{…}}'", at);
                marks += Mark(at);
            }

            throw Bad($"the group that opens here has no '{close}'", open);
        }

        private string Mark(int at)
        {
            var c = text[at];
            if (c is ')' or '}') throw Bad("no group is open here", at);
            if (over) throw Bad("nothing comes after the end", at);
            if (syntax.Kind == MarbleKind.Subscription)
            {
                if (c is not ('^' or '!')) throw Bad("a subscription has only a '^' and a '!'", at);
            }
            else if (!syntax.IsValue(c))
            {
                if (c == '!') throw Bad("'!' belongs in a subscription row", at);
                if (c == '^' && syntax.Kind == MarbleKind.Cold) throw Bad("'^' belongs in a hot row or a subscription row", at);
                if (c == '\t') throw Bad("a tab means nothing in a row: blanks do not count, tabs might be read otherwise", at);
                if (c is not ('^' or '|' or '#')) throw Bad($"'{c}' means nothing in a row", at);
            }

            if (c == '!' && syntax.Kind == MarbleKind.Subscription && !seen.Contains('^')) throw Bad("a subscription begins before it ends", at);
            if (c is '^' or '!' && !syntax.IsValue(c) && !seen.Add(c)) throw Bad($"there is a '{c}' already", at);
            over = c is '|' or '#' && !syntax.IsValue(c);
            Marks.Add((frame, at, over));
            return c.ToString();
        }

        private (int Length, long Frames)? TimeAt(int at)
        {
            if (!char.IsAsciiDigit(text[at]) || (at > 0 && text[at - 1] != ' ')) return null;
            var blank = text.IndexOf(' ', at);
            var length = (blank < 0 ? text.Length : blank) - at;
            if (!TimeText.TryParse(text.AsSpan(at, length), out var time)) return TimeText.IsTooLong(text.AsSpan(at, length)) ? throw Bad("no story lasts that long", at) : null;
            if (time.Ticks % syntax.Frame.Ticks != 0)
                throw Bad($"a frame lasts {TimeText.Of(syntax.Frame)}, and this is no whole number of them", at);
            var frames = time / syntax.Frame;
            if ((frame + frames) * syntax.Frame.Ticks > TimeText.Longest.Ticks) throw Bad("no story lasts that long", at);
            return (length, (long)frames);
        }

        public MarbleException Bad(string problem, int column) => new(problem, text, column);
    }
}
