using System.Globalization;

namespace Qfx.Bench.Goals;

/// <summary>One line of the report.</summary>
/// <param name="Name">As it is printed, and as <see cref="Measurements"/> know it.</param>
/// <param name="Unit">Of ours and of the peer's.</param>
internal sealed record Goal(string Name, string Unit)
{
    /// <summary>Who the peer is; null where there is none.</summary>
    public string? Peer { get; init; }

    /// <summary>What is to be reached; null where a figure is only told.</summary>
    public Limit? Limit { get; init; }

    /// <summary>Why it is not measured here, as a sentence.</summary>
    public string? Why { get; init; }
}

/// <summary>What a line is to reach.</summary>
/// <param name="Text">As it is printed.</param>
/// <param name="IsReached">Null where what it needs was not measured.</param>
internal sealed record Limit(string Text, Func<Measurements, bool?> IsReached)
{
    public static Limit AtMost(Goal goal, double most) => new(Say($"≤ {most:0.###} {goal.Unit}"), all => all.Of(goal.Name, Side.Ours)?.Median <= most);

    public static Limit AtLeast(Goal goal, double least) => new(Say($"≥ {least:#,0.###} {goal.Unit}"), all => all.Of(goal.Name, Side.Ours)?.Median >= least);

    /// <summary>Of the peer's.</summary>
    public static Limit RatioAtMost(Goal goal, double most) => new(Say($"ratio ≤ {most:0.###}"), all => all.Ratio(goal.Name) <= most);

    /// <summary>Of what another line has.</summary>
    public static Limit TimesAtMost(Goal goal, double times, string other) => new(
        Say($"≤ {times:0.##} × “{other}”"),
        all => all.Of(goal.Name, Side.Ours)?.Median <= times * all.Of(other, Side.Ours)?.Median);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Lines that are measured together.</summary>
internal interface ISection
{
    IReadOnlyList<Goal> Goals { get; }

    /// <summary>Why nothing of it can be measured here, as a sentence; null if it can.</summary>
    string? Missing { get; }

    /// <summary>Measures each line, the sides in turn.</summary>
    /// <param name="into">What comes of it.</param>
    /// <param name="runs">At least so often; what takes no time, more often.</param>
    Task MeasureAsync(Measurements into, int runs);
}
