using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Options;
using Qfx.Daemon.Runner;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>
/// <c>bench hostile</c>: 500 guests write random requests as fast as the real xenstored takes them, and honest pairs exchange pendrives beside them.
/// The control: the same flood while the daemon leaves those guests out. xenstored is one busy thread, and what that costs is no fault of the daemon.
/// </summary>
internal sealed class HostileGuests : IAsyncDisposable
{
    private const int Many = 500;
    private const int Pairs = 5;
    private const double MostTimes = 1.5;       // as long as in the control
    private const double MostMs = 2;            // from event to command, p99
    private const long MoreBytes = 8 << 20;     // the first against the last phase
    private const int MoreHandles = 8;

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string folder = Directory.CreateTempSubdirectory("qfx-hostile-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly Subject<ExchangeStep> steps = new();
    private readonly ConcurrentQueue<double> reactions = new();
    private readonly XenstoredProcess server;
    private readonly XsClient toolstack;
    private readonly WatchedStore store;
    private readonly Task daemon;
    private readonly IReadOnlyList<(SimulatedDomain Work, SimulatedDomain Personal)> pairs;

    private HostileGuests(XenstoredProcess server, XsClient toolstack, XsLines client, IReadOnlyList<(SimulatedDomain Work, SimulatedDomain Personal)> pairs, string[] excluded)
    {
        (this.server, this.toolstack, this.pairs) = (server, toolstack, pairs);
        var honest = pairs.SelectMany(pair => new[] { pair.Work.Domid, pair.Personal.Domid }).ToHashSet();
        store = new(client, honest.Select(QpenNode.Of).ToHashSet());
        var options = new DaemonOptions
        {
            Spool = Path.Combine(folder, "spool"),
            Devices = DeviceKind.Simulated,
            DevicesFolder = Path.Combine(folder, "devices"),
            PolicyFolder = Path.Combine(folder, "policy"),
            Excluded = [.. excluded],
            Exchange = new() { SizeMiB = 40 },
        };
        Directory.CreateDirectory(options.PolicyFolder);
        File.WriteAllText(Path.Combine(options.PolicyFolder, "bench.policy"), string.Concat(Enumerable.Range(0, Pairs).Select(i => $"qfx.Copy * work-{i} personal-{i} allow\n")) + "* * @anyvm @anyvm deny\n");
        // From the last event of its key, that of its taking, to what it sets off.
        steps.Where(step => step.Commands.OfType<ExchangeCommand.Effect>().Any())
            .Select(step => step.Cause).OfType<ExchangeEvent.Qpen>().Select(cause => cause.What).OfType<QpenEvent.Taken>().Where(taken => honest.Contains(taken.From.Domid))
            .Subscribe(taken => reactions.Enqueue(store.SinceEvent(QpenNode.Of(taken.From.Domid)).TotalMilliseconds));
        daemon = ExchangeDaemon.RunAsync(options, store, new NobodyDialogs(), NullLoggerFactory.Instance, new() { Watch = steps }, stop.Token);
    }

    /// <summary>Phases by turns, each with a xenstored of its own: control, hostile, control, hostile.</summary>
    /// <param name="seconds">Of each of the two.</param>
    public static async Task<int> RunAsync(int seconds)
    {
        const int Phases = 4;
        var phases = new List<(bool Hostile, double[] Exchanges, double[] Reactions, double Flood, long Bytes, int Handles)>();
        for (var phase = 0; phase < Phases; phase++)
        {
            var hostile = phase % 2 == 1;
            await using var rig = await StartAsync(hostile);
            var (exchanges, reactions, flood) = await rig.PhaseAsync(seconds * 2.0 / Phases);
            phases.Add((hostile, exchanges, reactions, flood, GC.GetTotalMemory(forceFullCollection: true), Directory.GetFiles("/proc/self/fd").Length));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(hostile ? "hostile" : "control"),-8} {flood,7:F0} requests/s written; {exchanges.Length,4} honest exchanges, median {Rank(exchanges, 0.5),7:F1} ms, p99 {Rank(exchanges, 0.99),7:F1} ms; event to command p50 {Rank(reactions, 0.5):F2}, p99 {Rank(reactions, 0.99):F2} ms; {phases[^1].Bytes >> 10} KiB, {phases[^1].Handles} handles"));
        }

        double Median(bool hostile) => Rank([.. phases.Where(p => p.Hostile == hostile).SelectMany(p => p.Exchanges)], 0.5);
        var ratio = Median(true) / Median(false);
        var p99 = Rank([.. phases.Where(p => p.Hostile).SelectMany(p => p.Reactions)], 0.99);
        var met = ratio <= MostTimes && p99 <= MostMs && phases[^1].Bytes - phases[1].Bytes <= MoreBytes && phases[^1].Handles - phases[1].Handles <= MoreHandles;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"an honest exchange takes {ratio:F2} times as long as in the control (limit {MostTimes}); event to command p99 {p99:F2} ms (limit {MostMs}); memory {phases[1].Bytes >> 10} -> {phases[^1].Bytes >> 10} KiB, handles {phases[1].Handles} -> {phases[^1].Handles}{(met ? "" : "   missed")}"));
        return met ? 0 : 1;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await daemon;
        await store.DisposeAsync();
        await toolstack.DisposeAsync();
        await server.DisposeAsync();
        steps.Dispose();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <param name="watched">Whether the daemon has to do with the many.</param>
    private static async Task<HostileGuests> StartAsync(bool watched)
    {
        var server = await XenstoredProcess.StartAsync(XenstoredKind.C, CancellationToken.None);
        var toolstack = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketPath));
        await toolstack.WriteTextAsync(XsPath.Home(Domid.Zero) / "domid", "0");
        await toolstack.WriteTextAsync(XsPath.Home(Domid.Zero) / "name", "Domain-0");
        var simulated = new SimulatedToolstack(toolstack, new((domid, cancel) => toolstack.IntroduceAsync(domid, 1, 7, cancel), toolstack.ReleaseAsync, (_, _) => Task.CompletedTask));
        for (var i = 0; i < Many; i++)
        {
            var domid = (await simulated.CreateAsync($"hostile-{i}")).Domid;
            if (watched) continue;

            // As the daemon would have made it: they are to write as well as those that it watches.
            await toolstack.WriteTextAsync(QpenNode.Of(domid), "");
            await toolstack.SetPermissionsAsync(QpenNode.Of(domid), XsPermissions.GuestWrites(domid));
        }

        var pairs = new List<(SimulatedDomain, SimulatedDomain)>();
        for (var i = 0; i < Pairs; i++) pairs.Add((await simulated.CreateAsync($"work-{i}"), await simulated.CreateAsync($"personal-{i}")));
        var client = await XsLines.ConnectAsync(XsEndpoint.Socket(server.SocketPath));
        var rig = new HostileGuests(server, toolstack, client, pairs, watched ? [] : [.. Enumerable.Range(0, Many).Select(i => $"hostile-{i}")]);
        await rig.steps.Where(step => step.Cause is ExchangeEvent.Qpen { What: QpenEvent.Prepared }).Take(2 * Pairs + (watched ? Many : 0)).Timeout(Patience).LastAsync().ToTask();
        foreach (var (work, personal) in pairs) await rig.ExchangeAsync(work, personal);    // everything has run once
        rig.reactions.Clear();
        return rig;
    }

    private async Task<(double[] Exchanges, double[] Reactions, double Flood)> PhaseAsync(double seconds)
    {
        var flood = Rig.RunPeerAsync("flood", string.Create(CultureInfo.InvariantCulture, $"1 {Many} {seconds}"), ("XENSHIM_DIR", server.Folder));
        var exchanges = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(i => ExchangesAsync(i, flood)));
        var reacted = reactions.ToArray();
        reactions.Clear();
        return ([.. exchanges.SelectMany(times => times)], reacted, double.Parse(await flood, CultureInfo.InvariantCulture));
    }

    /// <summary>Those of one pair, as people do it: who does nothing else looks like the rest of them. The pairs do it one after the other.</summary>
    /// <returns>How long each took, in ms.</returns>
    private async Task<IReadOnlyList<double>> ExchangesAsync(int pair, Task flood)
    {
        var exchanges = new List<double>();
        await Task.Delay(Between * (pair + 1) / Pairs);
        using var beat = new PeriodicTimer(Between);
        while (!flood.IsCompleted)
        {
            var clock = Stopwatch.StartNew();
            await ExchangeAsync(pairs[pair].Work, pairs[pair].Personal);
            exchanges.Add(clock.Elapsed.TotalMilliseconds);
            await beat.WaitForNextTickAsync();
        }

        return exchanges;
    }

    private async Task ExchangeAsync(SimulatedDomain work, SimulatedDomain personal)
    {
        await AskAsync(work, "new", StatusCode.Attached);
        await AskAsync(work, $"send {personal.Name}", StatusCode.Sent);
        await AskAsync(personal, "umount ok", StatusCode.Detached);
    }

    private async Task AskAsync(SimulatedDomain domain, string request, StatusCode code)
    {
        var seen = steps.FirstAsync(step => step.Commands.OfType<ExchangeCommand.WriteStatus>().Any(w => w.To.Domid == domain.Domid && w.Status.Code == code)).Timeout(Patience).ToTask();
        await toolstack.WriteTextAsync(QpenNode.Of(domain.Domid), request);
        await seen;
    }

    private static double Rank(double[] values, double rank) => values.Length == 0 ? double.NaN : values.Order().ElementAt((int)((values.Length - 1) * rank));
}
