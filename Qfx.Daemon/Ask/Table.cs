using System.Text;

namespace Qfx.Daemon.Ask;

/// <summary>Rows under headings, for people: no wider than a terminal of 80 columns as long as the last column is cut.</summary>
internal static class Table
{
    public const int Width = 80;

    public static string Of(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string?>> rows, int width = Width)
    {
        var all = rows.Select(row => row.Select(cell => cell ?? "-").ToArray()).Prepend([.. headings]).ToArray();
        var widths = Enumerable.Range(0, headings.Count).Select(i => all.Max(row => row[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in all) text.Append(Cut(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd(), width)).Append('\n');
        return text.ToString();
    }

    /// <summary>No longer than this; what is cut ends with a mark.</summary>
    public static string Cut(string line, int width) => line.Length <= width ? line : line[..(width - 1)] + "…";
}
