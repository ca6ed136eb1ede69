using System.Text.Json.Serialization;

namespace Qfx.Bench.Goals;

/// <summary>Whether a line has reached its goal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    /// <summary>It has none: the figure is only told.</summary>
    Told,
    Reached,
    Missed,
    NotMeasured,
}

/// <summary>A line as it is written.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Of all figures.</param>
/// <param name="Ours">The runs of ours.</param>
/// <param name="PeerName">Who the peer is.</param>
/// <param name="Peer">The runs of the peer's.</param>
/// <param name="Ratio">Ours divided by the peer's.</param>
/// <param name="Goal">What is to be reached.</param>
/// <param name="Outcome">Whether it was.</param>
/// <param name="Why">Why it was not measured.</param>
internal sealed record LineView(string Name, string Unit, Figures? Ours, string? PeerName, Figures? Peer, double? Ratio, string? Goal, Outcome Outcome, string? Why)
{
    public static LineView Of(Goal goal, Measurements all, string? missing)
    {
        var ours = all.Of(goal.Name, Side.Ours);
        return new(goal.Name, goal.Unit, ours, goal.Peer, all.Of(goal.Name, Side.Peer), all.Ratio(goal.Name), goal.Limit?.Text, OutcomeOf(goal, all, ours), ours is null ? goal.Why ?? missing : null);
    }

    private static Outcome OutcomeOf(Goal goal, Measurements all, Figures? ours) => ours is null ? Outcome.NotMeasured
        : goal.Limit?.IsReached(all) switch
        {
            null => Outcome.Told,
            true => Outcome.Reached,
            false => Outcome.Missed,
        };
}

/// <summary>The whole report.</summary>
internal sealed record ReportView(DateTimeOffset At, Machine Machine, double Seconds, IReadOnlyList<LineView> Lines);

/// <summary>Writes it without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ReportView))]
internal sealed partial class ReportJson : JsonSerializerContext;
