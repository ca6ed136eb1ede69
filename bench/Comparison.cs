using System.Globalization;

namespace Qfx.Bench;

/// <summary>One thing that is measured for Qfx.Xen and for a peer, by turns.</summary>
/// <param name="What">As it is printed.</param>
/// <param name="Work">The words that tell a program what to do.</param>
/// <param name="Peer">The peer's program.</param>
/// <param name="PeerWork">What the peer is told; it has no depth of its own unless it is the raw socket.</param>
/// <param name="Pinned">Server and client on one core.</param>
/// <param name="Figure">Which of the printed figures.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">What the ratio of ours to theirs should be: at least this if <paramref name="More"/> is better, else at most.</param>
/// <param name="More">Whether more is better.</param>
internal sealed record Comparison(string What, string Work, string Peer, string PeerWork, bool Pinned, int Figure, string Unit, double Target, bool More)
{
    private const int Rounds = 5;

    /// <summary>What the issue of this client asks for.</summary>
    public static readonly IReadOnlyList<Comparison> All =
    [
        new("reads, one at a time", "read 30000", "libxenstore", "read 30000", true, 0, "/s", 0.9, true),
        new("writes, one at a time", "write 30000", "libxenstore", "write 30000", true, 0, "/s", 0.9, true),
        new("reads, 64 in flight", "read 100000 64", "libxenstore", "read 30000", true, 0, "/s", 1.7, true),
        new("writes, 64 in flight", "write 100000 64", "libxenstore", "write 30000", true, 0, "/s", 1.7, true),
        new("reads, 64 in flight", "read 100000 64", "libxenstore", "read 30000", false, 0, "/s", 4, true),
        new("writes, 64 in flight", "write 100000 64", "libxenstore", "write 30000", false, 0, "/s", 4, true),
        new("reads, 64 in flight", "read 100000 64", "rawsocket", "read 100000 64", true, 0, "/s", 0.95, true),
        new("writes, 64 in flight", "write 100000 64", "rawsocket", "write 100000 64", true, 0, "/s", 0.95, true),
        new("reads, 64 in flight", "read 100000 64", "rawsocket", "read 100000 64", false, 0, "/s", 0.95, true),
        new("writes, 64 in flight", "write 100000 64", "rawsocket", "write 100000 64", false, 0, "/s", 0.95, true),
        new("write to event, p50", "watch 5000", "libxenstore", "watch 5000", false, 0, "µs", 0.7, false),
        new("write to event, p99", "watch 5000", "libxenstore", "watch 5000", false, 1, "µs", 1, false),
        new("10,000 names", "names", "libxenstore", "names", true, 0, "ms", 0.55, false),
        new("10,000 names", "names", "libxenstore", "names", false, 0, "ms", 0.25, false),
    ];

    /// <summary>The medians of five rounds, taken in turn.</summary>
    public async Task<Outcome> RunAsync(Rig rig)
    {
        var (ours, theirs, server) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            theirs.Add((await rig.MeasureAsync(Peer, PeerWork))[Figure]);
            var before = rig.ServerTime;
            ours.Add((await rig.MeasureAsync("qfx", Work))[Figure]);
            server.Add(Alone(rig.ServerTime - before));
        }

        return new(this, Median(ours), Median(theirs), Median(server));
    }

    /// <summary>What the server's own CPU time for our work, its warm-up included, would allow if the client took none.</summary>
    private double Alone(TimeSpan server)
    {
        var words = Work.Split(' ');
        return words[0] switch
        {
            "names" => server.TotalMilliseconds / 2,
            "watch" => double.NaN,
            _ => int.Parse(words[1], CultureInfo.InvariantCulture) * 1.1 / server.TotalSeconds,
        };
    }

    private static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);
}

/// <summary>What came of a comparison.</summary>
internal sealed record Outcome(Comparison Of, double Ours, double Theirs, double ServerAlone)
{
    public double Ratio => Ours / Theirs;

    public bool IsMet => Of.More ? Ratio >= Of.Target : Ratio <= Of.Target;
}
