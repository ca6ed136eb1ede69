using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;

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

    private static string? Line(ExchangeCommand command) => command switch
    {
        ExchangeCommand.Record { Report: var r } => $"journal  {r.Kind} {r.Code} {r.Name} {r.Pendrive} {r.To}: {r.Text}",
        ExchangeCommand.Audit { What: var w } => string.Create(CultureInfo.InvariantCulture,
            $"decision {w.Service} {w.Name} to {w.To}: {(w.Allowed ? "yes" : "no")}, {w.Code}, {w.Rule}, by {w.By}, {w.Took.TotalSeconds:0.000}, {w.Why}"),
        ExchangeCommand.WriteStatus w => string.Create(CultureInfo.InvariantCulture, $"status   {w.To.Domid}: {w.Status.N} {w.Status.Code} {w.Status.Text}"),
        ExchangeCommand.Notify n => $"notice   {n.Kind} {n.About} {n.Other}",
        ExchangeCommand.StartTimer t => string.Create(CultureInfo.InvariantCulture, $"timer    {t.Timer} in {t.After.TotalSeconds:0.###}"),
        ExchangeCommand.StopTimer t => $"timer    {t.Timer} no more",
        ExchangeCommand.ReleaseMemory => "memory   is held no longer",
        ExchangeCommand.Attach a => $"attach   {a.Id} {a.At}",
        ExchangeCommand.Detach d => $"detach   {d.Id} {d.At}{(d.HolderDead ? " dead" : "")} {d.Limit?.TotalSeconds}",
        ExchangeCommand.CallOff c => $"call off {c.Lane}",
        _ => null,
    };

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Journals");
}
