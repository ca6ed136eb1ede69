using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Qfx.Streams.Marbles;
using static Qfx.Tests.Marbles.Told;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>
/// What the administrator, the person and the guests are told, in words, and which time limits run, turn by turn: of every story in
/// docs/scenarios and in Journals/, compared with the <c>.journal</c> beside it (of docs/scenarios: in Journals/). One that is not there is
/// written, to be looked at and kept.
/// </summary>
public class JournalTests
{
    private static readonly string Here = Folder();

    public static TheoryData<string> Stories =>
        [.. Directory.EnumerateFiles(Path.Combine(Here, "../../../../docs/scenarios"), "*.marbles")
            .Concat(Directory.EnumerateFiles(Here, "*.marbles")).Select(file => Path.GetRelativePath(Here, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Stories))]
    public void What_is_told_is_what_was_told(string file)
    {
        using var player = new StoryPlayer(Story.Parse(File.ReadAllText(Path.Combine(Here, file)))).Play();
        var told = Told(player);
        var kept = Path.Combine(Here, Path.GetFileNameWithoutExtension(file) + ".journal");
        if (!File.Exists(kept))
        {
            File.WriteAllText(kept, told);
            Assert.Fail($"{kept} is new: look at it");
        }

        Assert.Equal(File.ReadAllText(kept), told);
    }

    private static string Told(StoryPlayer player)
    {
        var text = new StringBuilder();
        var seen = new HashSet<string>();
        foreach (var step in player.Steps)
        {
            foreach (var line in step.Commands.Select(Line).OfType<string>())
            {
                // A flood says the same many times over.
                if (player.Steps.Count < 500 || seen.Add(line)) text.Append(CultureInfo.InvariantCulture, $"{step.State.Now.TotalSeconds,9:0.000} {line}\n");
            }
        }

        var s = player.State;
        return text.Append(CultureInfo.InvariantCulture, $"left: {s.Pendrives.Count} pendrives, {s.Questions.Count} questions, {s.Dvms.Count} disposable VMs, {s.Openings.Count} of this minute\n").ToString();
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Journals");
}
