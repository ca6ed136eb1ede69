using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qfx.Bench.Goals;

/// <summary><c>bench goals</c>: everything that a user waits for, or a host pays, beside its peer and its goal, in one report.</summary>
internal static class GoalsReport
{
    private static readonly CompositeFormat Row = CompositeFormat.Parse("{0,-62} {1,11} {2,11} {3,-8} {4,7} {5,5} {6,-21} {7,-24} {8}");

    private static ISection[] Sections =>
    [
        new TownSection(1_000), new TownSection(10_000), new TownSection(100), new StartSection(), new IdleSection(), new PendriveSection(), new GuestToolSection(), new SizeSection(),
        new RulesSection(), new LabSection(),
    ];

    private const int Runs = 5;

    /// <param name="words">Part of a line's name, or none for all: what is measured together with it is measured too; <c>--json</c> for machines; <c>--runs N</c>.</param>
    /// <returns>False if they cannot be understood.</returns>
    public static async Task<bool> PrintAsync(IReadOnlyList<string> words)
    {
        var rest = words.Where(word => word != "--json").ToList();
        var runs = Runs;
        if (rest.IndexOf("--runs") is >= 0 and var at)
        {
            if (at + 1 == rest.Count || !int.TryParse(rest[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out runs) || runs < 1) return false;
            rest.RemoveRange(at, 2);
        }

        if (rest.Count > 1 || rest.Any(word => word.StartsWith("--", StringComparison.Ordinal))) return false;
        await PrintAsync(rest.FirstOrDefault() ?? "", runs, json: words.Contains("--json"));
        return true;
    }

    private static async Task PrintAsync(string what, int runs, bool json)
    {
        var (machine, clock, all) = (Machine.Here(), Stopwatch.StartNew(), new Measurements());
        var lines = new List<(Goal Goal, string? Missing)>();
        foreach (var section in Sections.Where(section => section.Goals.Any(goal => goal.Name.Contains(what, StringComparison.OrdinalIgnoreCase))))
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,4:F0} s  {section.Goals[0].Name} …"));
            var missing = section.Missing;
            try
            {
                if (missing is null) await section.MeasureAsync(all, runs);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException or InvalidOperationException or IOException)
            {
                missing = $"It did not come to its end: {e.Message}";    // the other lines are worth having
                await Console.Error.WriteLineAsync(missing);
            }

            lines.AddRange(section.Goals.Select(goal => (goal, missing)));
        }

        var report = new ReportView(DateTimeOffset.UtcNow, machine, clock.Elapsed.TotalSeconds, [.. lines.Select(line => LineView.Of(line.Goal, all, line.Missing))]);
        if (json) Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ReportView));
        else Print(report);
    }

    private static void Print(ReportView report)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.At:yyyy-MM-dd HH:mm} UTC: {report.Machine}"));
        Console.WriteLine("Medians; the sides in turn; spread: the least and the most of ours.");
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Row, "", "ours", "peer's", "", "ratio", "runs", "spread", "goal", "").TrimEnd());
        foreach (var line in report.Lines)
        {
            var text = string.Format(
                CultureInfo.InvariantCulture, Row, line.Name, Number(line.Ours?.Median), Number(line.Peer?.Median), line.Unit, Number(line.Ratio), line.Ours?.Runs,
                line.Ours is { Runs: > 1 } ours ? $"{Number(ours.Least)} … {Number(ours.Most)}" : "", line.Goal, OutcomeOf(line));
            Console.WriteLine(text.TrimEnd());
            if (line.Why is not null) Console.WriteLine($"    {line.Why}");
        }

        var measured = report.Lines.Count(line => line.Outcome is Outcome.Reached or Outcome.Missed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Lines.Count(line => line.Outcome == Outcome.Reached)} of {measured} goals reached, in {report.Seconds:F0} s"));
        foreach (var group in report.Lines.Where(line => line.PeerName is not null).GroupBy(line => line.PeerName)) Console.WriteLine($"peer of {group.Count()} lines: {group.Key}");
    }

    private static string OutcomeOf(LineView line) => line.Outcome switch
    {
        Outcome.Reached => "reached",
        Outcome.Missed => "MISSED",
        Outcome.NotMeasured => "not measured",
        _ => "",
    };

    /// <summary>Three digits that say something.</summary>
    private static string Number(double? value) => value switch
    {
        null => "",
        { } number when Math.Abs(number) >= 100 => number.ToString("#,0", CultureInfo.InvariantCulture),
        { } number when Math.Abs(number) >= 10 => number.ToString("0.0", CultureInfo.InvariantCulture),
        { } number when Math.Abs(number) >= 0.1 => number.ToString("0.00", CultureInfo.InvariantCulture),
        { } number => number.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
