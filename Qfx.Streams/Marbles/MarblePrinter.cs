using System.Text;

namespace Qfx.Streams.Marbles;

/// <summary>Writes rows of marbles, so that reading them gives the same row again.</summary>
public static class MarblePrinter
{
    /// <summary>The row as lines to be laid over one another; it is one line unless something comes while a group is being written.</summary>
    public static IReadOnlyList<string> Print(MarbleRow row, MarbleSyntax? syntax = null)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Print(row, MarbleAxis.Of((syntax ?? MarbleSyntax.Default).Frame, row));
    }

    /// <summary>The same, on an axis that it has in common with others.</summary>
    public static IReadOnlyList<string> Print(MarbleRow row, MarbleAxis axis)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(axis);
        var lines = new List<Line> { new(axis) };
        foreach (var beat in row.Beats)
        {
            var line = lines.Find(l => l.At <= beat.Frame);
            if (line is null) lines.Add(line = new(axis));
            line.Add(beat);
        }

        lines[0].PassTo(row.End);
        return [.. lines.Select(l => l.ToString())];
    }

    private sealed class Line(MarbleAxis axis)
    {
        private readonly StringBuilder text = new();

        public long At { get; private set; } = axis.First;

        public void Add(Beat beat)
        {
            PassTo(beat.Frame);
            foreach (var mark in beat.ToString()) Append(mark);
            At += beat.Width;
        }

        public void PassTo(long frame)
        {
            while (At < frame)
            {
                if (axis.SkipAt(At) is var (to, skip) && to <= frame)
                {
                    text.Append(skip);
                    At = to;
                }
                else
                {
                    text.Append('-');
                    At++;
                }
            }
        }

        public override string ToString() => text.ToString();

        /// <summary>A number and then a unit would be read as time: a blank between them means nothing and keeps them apart.</summary>
        private void Append(char mark)
        {
            if (mark is 'm' or 's' or 'h' && IsNumber()) text.Append(' ');
            text.Append(mark);
        }

        private bool IsNumber()
        {
            var from = text.Length;
            while (from > 0 && text[from - 1] != ' ')
            {
                from--;
                if (!char.IsAsciiDigit(text[from]) && text[from] != '.') return false;
            }

            return from < text.Length;
        }
    }
}
