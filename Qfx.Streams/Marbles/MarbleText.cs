using System.Collections.Immutable;

namespace Qfx.Streams.Marbles;

/// <summary>Several named rows in one text, with a legend of what letters stand for, settings, and remarks.</summary>
/// <remarks>
/// A line is <c># a remark</c>; <c>#: a remark of a program's</c>, which is passed over; <c>name : row</c>, what goes in; <c>name &gt; row</c>, what is to come out; <c>s = send personal</c>, what
/// a letter stands for; <c>frame = 10ms</c>, a setting, whose name has more than one letter. A row may have several lines.
/// </remarks>
/// <param name="Rows">In the order of their first lines.</param>
/// <param name="Legend">What letters stand for.</param>
/// <param name="Settings">By name, in order.</param>
/// <param name="Remarks">Without the <c>#</c>.</param>
public sealed record MarbleText(
    ImmutableArray<MarbleTextRow> Rows, ImmutableDictionary<char, string> Legend, ImmutableArray<MarbleSetting> Settings, ImmutableArray<string> Remarks)
{
    /// <summary>Reads a text; the rows themselves are read when it is known how.</summary>
    /// <exception cref="MarbleException">Points at the line and the column.</exception>
    public static MarbleText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rows = new List<MarbleTextRow>();
        var legend = ImmutableDictionary.CreateBuilder<char, string>();
        var settings = ImmutableArray.CreateBuilder<MarbleSetting>();
        var remarks = ImmutableArray.CreateBuilder<string>();
        var lines = text.Split('\n');
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].TrimEnd();
            if (line.Length == 0) continue;
            if (line.TrimStart() is ['#', ':', ..]) continue;
            if (line.TrimStart() is ['#', .. var remark])
            {
                remarks.Add(remark.Trim());
                continue;
            }

            var at = line.IndexOfAny([':', '>', '=']);
            var name = at < 0 ? "" : line[..at].Trim();
            if (name.Length == 0) throw new MarbleException("a line is 'name : row', 'name > row', 'letter = words' or a remark after '#'", line, 0, number);
            if (name.IndexOfAny([' ', '\t']) is > 0 and var blank) throw new MarbleException("a name has no blanks in it", line, line.IndexOf(name[blank], StringComparison.Ordinal), number);
            if (line[at] != '=')
            {
                var index = rows.FindIndex(r => r.Name == name && r.In == (line[at] == ':'));
                var row = new MarbleLine(line, at + 1, number);
                if (index < 0) rows.Add(new(name, line[at] == ':', [row]));
                else rows[index] = rows[index] with { Lines = rows[index].Lines.Add(row) };
            }
            else if (name.Length > 1)
            {
                settings.Add(new(name, line[(at + 1)..].Trim(), line, number));
            }
            else if (!legend.TryAdd(name[0], line[(at + 1)..].Trim()))
            {
                throw new MarbleException($"'{name}' stands for something already", line, line.IndexOf(name, StringComparison.Ordinal), number);
            }
        }

        return new([.. rows], legend.ToImmutable(), settings.ToImmutable(), remarks.ToImmutable());
    }
}

/// <summary>A row of a text, not yet read.</summary>
/// <param name="Name">Before the colon.</param>
/// <param name="In">What goes in, rather than what is to come out.</param>
/// <param name="Lines">To be laid over one another.</param>
public sealed record MarbleTextRow(string Name, bool In, ImmutableArray<MarbleLine> Lines)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="MarbleException">Points at the line and the column.</exception>
    public MarbleRow Read(MarbleSyntax syntax)
    {
        try
        {
            return MarbleParser.Parse([.. Lines.Select(l => l.Text[l.From..])], syntax);
        }
        catch (MarbleException e)
        {
            var line = Lines.First(l => l.Text[l.From..] == e.Text);
            throw new MarbleException(e.Problem, line.Text, line.From + e.Column, line.Number);
        }
    }

    /// <summary>An error at its name.</summary>
    public MarbleException BadName(string problem) => new(problem, Lines[0].Text, Lines[0].Text.IndexOf(Name, StringComparison.Ordinal), Lines[0].Number);

    /// <summary>An error at a mark of the row, as it was read.</summary>
    public MarbleException Bad(string problem, MarbleSyntax syntax, long frame, char mark)
    {
        var (number, column) = MarbleParser.Find([.. Lines.Select(l => l.Text[l.From..])], syntax, frame, mark) ?? (0, 0);
        var line = Lines[number];
        return new(problem, line.Text, line.From + column, line.Number);
    }
}

/// <summary>A line of a text, with a row in it.</summary>
/// <param name="Text">All of it.</param>
/// <param name="From">The column that the row begins at.</param>
/// <param name="Number">Which line it is, from 1.</param>
public sealed record MarbleLine(string Text, int From, int Number);

/// <summary>A setting of a text.</summary>
/// <param name="Name">Before the equals sign.</param>
/// <param name="Value">After it.</param>
/// <param name="Line">All of the line.</param>
/// <param name="Number">Which line it is, from 1.</param>
public sealed record MarbleSetting(string Name, string Value, string Line, int Number)
{
    /// <summary>An error that points at the value.</summary>
    public MarbleException Bad(string problem) => new(problem, Line, Line.IndexOf('=', StringComparison.Ordinal) + 2, Number);
}
