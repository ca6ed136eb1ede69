using System.Text;

namespace Qfx.Daemon.Manual;

/// <summary>Writes a manual page: man(7).</summary>
internal sealed class Roff
{
    private readonly StringBuilder text = new();

    /// <param name="title">The page's name.</param>
    /// <param name="section">Its section.</param>
    /// <param name="line">What it is, in one line.</param>
    public Roff(string title, int section, string line)
    {
        text.Append(".\\\" Written by qfilexchgd itself: ./qfx manual.\n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $".TH {title.ToUpperInvariant()} {section} \"\" Qfx\n.ad l\n.nh\n");
        Section("NAME").Line($"{title} \\- {Escape(line)}");
    }

    public Roff Section(string heading) => Line($".SH {heading}");

    /// <summary>A paragraph of plain words.</summary>
    public Roff Paragraph(string words) => Line(".PP").Line(Words(words));

    /// <summary>A term, and what is said of it further in.</summary>
    public Roff Term(string term, string words) => Line(".TP").Line($".B {Escape(term)}").Line(Words(words));

    /// <summary>What belongs to the term before, further in.</summary>
    public Roff Within(Action<Roff> write)
    {
        Line(".RS");
        write(this);
        return Line(".RE");
    }

    public override string ToString() => text.ToString();

    private Roff Line(string line)
    {
        text.Append(line).Append('\n');
        return this;
    }

    /// <summary>Words between backquotes are bold. A line must not begin with a full stop or a quote.</summary>
    private static string Words(string words)
    {
        var parts = words.Split('`');
        var line = string.Concat(parts.Select((part, i) => i % 2 == 0 ? Escape(part) : $"\\fB{Escape(part)}\\fR"));
        return line.StartsWith('.') || line.StartsWith('\'') ? "\\&" + line : line;
    }

    private static string Escape(string words) => words.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
