using System.Diagnostics;
using System.Globalization;
using System.Reactive.Disposables;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>
/// What following the request keys of N domains costs the host, by a watch for each and by one for all: the writes a second that
/// another client gets through, and this process' own CPU for each of them. docs/decisions has the choice made of it.
/// </summary>
internal static class WatchCost
{
    private const int Writes = 20_000;
    private const int Rounds = 3;

    private static readonly (string Name, WatchStrategy? Strategy)[] Ways =
    [
        ("none", null),
        ("a watch for each", new WatchStrategy(int.MaxValue, 0)),
        ("one watch for all", new WatchStrategy(0, 0)),
    ];

    /// <summary>A table: medians of three rounds, the ways taken in turn.</summary>
    public static async Task PrintAsync(int[] sizes)
    {
        Console.WriteLine($"{"request keys followed by",-24} {"domains",8} {"registered",12} {"writes/s",10} {"of none",8} {"CPU/write",10}");
        foreach (var size in sizes)
        {
            await using var rig = await Rig.StartAsync(pinned: true, size);    // one request at a time across cores is bimodal
            var rounds = new List<(string Name, Figures Figures)>();
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (name, strategy) in Ways) rounds.Add((name, await MeasureAsync(rig, size, strategy)));
            }

            var medians = rounds.GroupBy(round => round.Name, round => round.Figures).ToDictionary(way => way.Key, way => Figures.Median([.. way]));
            foreach (var (name, figures) in medians)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name,-24} {size,8} {figures.RegisteredMs,9:F0} ms {figures.Rate,10:F0} {figures.Rate / medians["none"].Rate,8:F2} {figures.CpuMicroseconds,7:F1} µs"));
            }
        }
    }

    private static async Task<Figures> MeasureAsync(Rig rig, int size, WatchStrategy? strategy)
    {
        if (strategy is null) return new(0, await WritesAsync(rig), 0);
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Socket(rig.SocketPath));
        using var watches = new QpenWatches(client, strategy);
        using var followed = new CountdownEvent(size);
        var clock = Stopwatch.StartNew();
        using var keys = new CompositeDisposable(Enumerable.Range(0, size).Select(domid => Follow(watches, new((ushort)domid), followed)));
        followed.Wait();
        await client.IsIntroducedAsync(Domid.Zero);    // behind all that was asked before
        var registered = clock.Elapsed;
        using var me = Process.GetCurrentProcess();
        var before = me.TotalProcessorTime;
        var rate = await WritesAsync(rig);
        me.Refresh();
        return new(registered.TotalMilliseconds, rate, (me.TotalProcessorTime - before).TotalMicroseconds / Writes);
    }

    /// <summary>Signals the first event of a key, and stays.</summary>
    private static IDisposable Follow(QpenWatches watches, Domid domid, CountdownEvent followed)
    {
        var first = 1;
        return watches.Of(domid).Subscribe(_ =>
        {
            if (Interlocked.Exchange(ref first, 0) == 1) followed.Signal();
        });
    }

    /// <summary>Of another process: what is measured must not share its CPU time with the measure.</summary>
    private static async Task<double> WritesAsync(Rig rig) =>
        (await rig.MeasureAsync("libxenstore", string.Create(CultureInfo.InvariantCulture, $"irrelevant {Writes}")))[0];

    private sealed record Figures(double RegisteredMs, double Rate, double CpuMicroseconds)
    {
        public static Figures Median(Figures[] all) => new(Middle(all, f => f.RegisteredMs), Middle(all, f => f.Rate), Middle(all, f => f.CpuMicroseconds));

        private static double Middle(Figures[] all, Func<Figures, double> which) => all.Select(which).Order().ElementAt(all.Length / 2);
    }
}
