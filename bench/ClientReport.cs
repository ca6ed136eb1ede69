namespace Qfx.Bench;

/// <summary>The xenstore client beside libxenstore and a plain socket, on one server, by turns.</summary>
internal static class ClientReport
{
    private const int Domains = 10_000;

    /// <param name="what">Part of a line's name; empty for all.</param>
    public static async Task PrintAsync(string what)
    {
        await using var pinned = await Rig.StartAsync(pinned: true, Domains);
        await using var free = await Rig.StartAsync(pinned: false, Domains);
        Console.WriteLine($"{"xenstore client, median of 5 by turns",-38} {"cores",5} {"peer",12} {"theirs",9} {"ours",9} {"server",9}     {"ratio",6} {"target",7}");
        foreach (var comparison in Comparison.All.Where(comparison => comparison.What.Contains(what, StringComparison.OrdinalIgnoreCase)))
        {
            var outcome = await comparison.RunAsync(comparison.Pinned ? pinned : free);
            Console.WriteLine($"{comparison.What,-38} {(comparison.Pinned ? "one" : "free"),5} {comparison.Peer,12} {outcome.Theirs,9:F0} {outcome.Ours,9:F0} {outcome.ServerAlone,9:F0} {comparison.Unit,-3} {outcome.Ratio,6:F2} {(comparison.More ? '≥' : '≤')} {comparison.Target:0.##}{(outcome.IsMet ? "" : "   missed")}");
        }
    }
}
