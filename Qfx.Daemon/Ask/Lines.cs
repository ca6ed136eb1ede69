using System.Text;

namespace Qfx.Daemon.Ask;

/// <summary>Text that fits a terminal.</summary>
internal static class Lines
{
    /// <summary>Breaks a line between its words; a word that is longer than a line, such as a path, stays whole.</summary>
    /// <param name="line">Without what a terminal would act on: see <see cref="Table.Plain"/>.</param>
    /// <param name="width">Letters in a line.</param>
    /// <param name="indent">Blanks before each line but the first.</param>
    /// <returns>One line or more, each with its end.</returns>
    public static string Wrap(string line, int width, int indent)
    {
        var text = new StringBuilder();
        var rest = Table.Plain(line);
        while (rest.Length > width)
        {
            var at = rest.LastIndexOf(' ', width);
            if (at <= indent) at = rest.IndexOf(' ', Math.Min(indent + 1, rest.Length));
            if (at < 0) break;
            text.Append(rest.AsSpan(0, at).TrimEnd()).Append('\n');
            rest = new string(' ', indent) + rest[(at + 1)..];
        }

        return text.Append(rest).Append('\n').ToString();
    }
}
