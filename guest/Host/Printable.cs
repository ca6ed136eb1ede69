using System.Globalization;
using System.Text;

namespace Qfx.Guest.Host;

/// <summary>Text from elsewhere, made fit for a terminal: one line, bounded, no control characters, no tricks with the direction.</summary>
internal static class Printable
{
    /// <summary>The same for a text of several lines.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? "  " + Of(line) : Of(line)));

    public static string Of(string text, int max = 400)
    {
        var safe = new StringBuilder(Math.Min(text.Length, max) + 8);
        foreach (var rune in text.Trim().EnumerateRunes())
        {
            if (safe.Length >= max) return safe.Append('…').ToString();
            var category = Rune.GetUnicodeCategory(rune);
            if (rune.Value == '\n') safe.Append("; ");
            else if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else safe.Append(rune.ToString());
        }

        return safe.ToString();
    }
}
