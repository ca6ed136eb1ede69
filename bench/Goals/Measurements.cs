namespace Qfx.Bench.Goals;

/// <summary>Who was measured.</summary>
internal enum Side
{
    Ours,
    Peer,
}

/// <summary>What came of the runs of one thing.</summary>
/// <param name="Median">The middle one, the upper of two.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
/// <param name="Runs">How many.</param>
internal sealed record Figures(double Median, double Least, double Most, int Runs)
{
    /// <summary>Of one run's values, or of one value for each run.</summary>
    public static Figures Of(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return new(sorted[sorted.Length / 2], sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>The value that this part of all are not above.</summary>
    public static double Rank(IReadOnlyCollection<double> values, double part) => values.Order().ElementAt((int)((values.Count - 1) * part));
}

/// <summary>All that was measured, by the name of its line.</summary>
internal sealed class Measurements
{
    private readonly Dictionary<(string Line, Side Side), List<double>> values = [];

    public void Add(string line, Side side, double value)
    {
        if (!values.TryGetValue((line, side), out var all)) values.Add((line, side), all = []);
        all.Add(value);
    }

    /// <returns>Null where nothing was measured.</returns>
    public Figures? Of(string line, Side side) => values.TryGetValue((line, side), out var all) ? Figures.Of(all) : null;

    /// <summary>Ours divided by the peer's; null where that is nothing.</summary>
    public double? Ratio(string line) => Of(line, Side.Peer) is { Median: not 0 } peer ? Of(line, Side.Ours)?.Median / peer.Median : null;
}
