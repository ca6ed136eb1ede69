using System.Globalization;
using System.Text;

namespace Qfx.Daemon.Ask;

/// <summary>Rows under headings, for people: no wider than there is room, as long as the last column is cut.</summary>
internal static class Table
{
    public const int Width = 80;

    /// <summary>As wide as the terminal; into a pipe nothing is cut.</summary>
    public static int Room() => Console.IsOutputRedirected ? int.MaxValue : Math.Max(Width, Console.WindowWidth);

    public static string Of(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string?>> rows, int width = Width)
    {
        var all = rows.Select(row => row.Select(cell => cell ?? "-").ToArray()).Prepend([.. headings]).ToArray();
        var widths = Enumerable.Range(0, headings.Count).Select(i => all.Max(row => row[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in all) text.Append(Cut(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd(), width)).Append('\n');
        return text.ToString();
    }

    /// <summary>No longer than this; what is cut ends with a mark.</summary>
    public static string Cut(string line, int width) => line.Length <= width ? Plain(line) : Plain(line[..(width - 1)]) + "…";

    /// <summary>Without what a terminal would act on: a reason may hold what another program printed.</summary>
    public static string Plain(string line) => line.All(IsPlain) ? line : string.Concat(line.Select(letter => IsPlain(letter) ? letter : '?'));

    private static bool IsPlain(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
