using System.Globalization;
using System.Text;
using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary>A played story as text: a story again, with a ruler, and with what did come out where it says what should.</summary>
internal static class StoryListing
{
    /// <summary>Its rows on one axis, and what their letters mean, as remarks that are passed over when this is read again.</summary>
    public static string Print(Story story, StoryPlayer played)
    {
        var rows = story.In.Concat(played.Out()).ToArray();
        var until = MarbleRow.Of([], story.LastFrame);
        var axis = MarbleAxis.Of(story.Frame, rows.Select(r => r.Row).Append(until));
        var width = rows.Max(r => r.Name.Length);
        var (numbers, marks) = axis.Ruler();
        var text = new StringBuilder();
        foreach (var remark in story.Text.Remarks) Line($"# {remark}");
        if (story.Text.Remarks.Length > 0) Line("");
        foreach (var setting in story.Text.Settings) Line(setting.Line);
        foreach (var (letter, words) in story.Text.Legend.OrderBy(l => l.Key)) Line($"{letter} = {words}");
        if (story.Text.Settings.Length + story.Text.Legend.Count > 0) Line("");

        Line($"#:{new string(' ', width + 1)}{numbers}");
        Line($"#:{new string(' ', width + 1)}{marks}   a character is {TimeText.Of(story.Frame)}");
        foreach (var row in rows)
        {
            foreach (var line in MarblePrinter.Print(until.Over(row.Row), axis)) Line($"{row.Name.PadRight(width)} {(row.In ? ':' : '>')} {line}");
        }

        Line("");
        foreach (var row in rows)
        {
            var letters = row.Row.Marks().Select(m => m.Mark).Distinct().ToArray();
            if (letters.Length == 0) continue;
            var words = letters.Select(l => $"{l} {(row.In ? story.MeaningIn(row.Name, l) : StoryLetters.Meaning(row.Name, l))}");
            Line($"#: {row.Name.PadRight(width)} {(row.In ? ':' : '>')} {string.Join(",  ", words)}");
        }

        return text.ToString();

        void Line(string line) => text.Append(CultureInfo.InvariantCulture, $"{line.TrimEnd()}\n");
    }
}
