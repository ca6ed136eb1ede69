using System.Diagnostics;
using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Streams.Requests;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench.Goals;

/// <summary>The daemon and its peer on a host with so many domains: in each round nobody, ours and the peer in turn.</summary>
internal sealed class TownSection : ISection
{
    private const int Asking = 100;    // requests a round
    private const int InFlight = 64;
    private const int Newcomers = 3;    // a round
    private const ushort FirstNewcomer = 30_001;

    private readonly int domains;
    private readonly Goal start;
    private readonly Goal share;
    private readonly Goal resident;
    private readonly Goal? median;
    private readonly Goal? medianRatio;
    private readonly Goal? late;
    private readonly Goal? noticed;
    private readonly Goal? noticedCpu;
    private readonly Goal irrelevant;
    private readonly Goal kept;

    public TownSection(int domains)
    {
        this.domains = domains;
        var (at, python) = (string.Create(CultureInfo.InvariantCulture, $"{domains:N0} domains"), "Python daemon");
        start = new($"start until all are watched and named, {at}", "ms") { Peer = python };
        if (domains == 10_000) start = start with { Limit = Limit.RatioAtMost(start, 0.1) };
        share = new($"others' writes with it running, {at}", "of none") { Peer = python };
        share = share with { Limit = Limit.AtLeast(share, domains switch { 100 => 0.7, 1000 => 0.5, _ => 0.4 }) };
        resident = new($"resident memory, {at}", "MiB") { Peer = python };
        if (domains != 1000) resident = resident with { Limit = Limit.AtMost(resident, domains == 100 ? 30 : 60) };
        irrelevant = domains > WatchStrategy.Default.Above ? new($"CPU for an irrelevant write, one watch for all, {at}", "µs") : new($"CPU for 100,000 irrelevant writes, a watch each, {at}", "ms");
        irrelevant = irrelevant with { Peer = python, Limit = Limit.AtMost(irrelevant, domains > WatchStrategy.Default.Above ? 10 : 50) };
        kept = new($"memory more after those writes, {at}", "MiB") { Peer = python };
        kept = kept with { Limit = Limit.AtMost(kept, 1) };
        if (domains < 1000) return;

        median = new($"request to image, p50, {at}", "ms") { Peer = python };
        late = new($"request to image, p99, {at}", "ms") { Peer = python };
        if (domains == 1000)
        {
            median = median with { Limit = Limit.AtMost(median, 0.5) };
            medianRatio = new($"the same beside the peer, {at}", "ms") { Peer = python };
            medianRatio = medianRatio with { Limit = Limit.RatioAtMost(medianRatio, 1 / 3.0) };
            late = late with { Limit = Limit.AtMost(late, 2) };
            return;
        }

        median = median with { Limit = Limit.TimesAtMost(median, 1.5, "request to image, p50, 1,000 domains") };
        noticed = new($"one domain more is noticed and named, {at}", "ms") { Peer = python };
        noticed = noticed with { Limit = Limit.AtMost(noticed, 5) };
        noticedCpu = new($"CPU for one domain more, {at}", "ms") { Peer = python };
        noticedCpu = noticedCpu with { Limit = Limit.AtMost(noticedCpu, 2) };
    }

    public IReadOnlyList<Goal> Goals => [.. new[] { median, medianRatio, late, start, share, noticed, noticedCpu, irrelevant, kept, resident }.OfType<Goal>()];

    public string? Missing => XenstoredProcess.Missing(XenstoredKind.C) ?? Shipped.Missing;

    public async Task MeasureAsync(Measurements into, int runs)
    {
        await using var town = await Town.StartAsync(domains);
        await town.OthersWritesAsync(Writes(Side.Ours));    // everything has run once
        for (var round = 0; round < runs; round++)
        {
            var alone = await town.OthersWritesAsync(Writes(Side.Ours));
            foreach (var side in Enum.GetValues<Side>()) await MeasureAsync(town, side, alone, into);
        }
    }

    private async Task MeasureAsync(Town town, Side side, double alone, Measurements into)
    {
        await town.ForgetAsync();
        var told = town.AllToldAsync();
        await town.Toolstack.IsIntroducedAsync(Domid.Zero);    // it is listened to
        await using var daemon = MeasuredDaemon.Start(side, town.SocketPath);
        await Task.WhenAll(daemon.ReadyAsync(), told);
        into.Add(start.Name, side, Stopwatch.GetElapsedTime(daemon.Began).TotalMilliseconds);
        into.Add(resident.Name, side, daemon.Resident);
        if (median is not null)
        {
            var took = await Requests.MeasureAsync(town, daemon, Asking);
            into.Add(median.Name, side, Figures.Rank(took, 0.5));
            if (medianRatio is not null) into.Add(medianRatio.Name, side, Figures.Rank(took, 0.5));
            into.Add(late!.Name, side, Figures.Rank(took, 0.99));
        }

        into.Add(share.Name, side, await town.OthersWritesAsync(Writes(side)) / alone);
        if (noticed is not null) await NoticeAsync(town, side, daemon, into);
        await IgnoreAsync(town, side, daemon, into);
    }

    /// <summary>Fewer where each takes longer.</summary>
    private int Writes(Side side) => (side, domains > 1000) switch
    {
        (Side.Peer, true) => 500,
        (Side.Ours, true) => 5_000,
        _ => 20_000,
    };

    /// <summary>A domain comes; it is noticed when its request key is made, which both do when they know its name.</summary>
    private async Task NoticeAsync(Town town, Side side, MeasuredDaemon daemon, Measurements into)
    {
        for (ushort i = 0; i < Newcomers; i++)
        {
            var domid = new Domid((ushort)(FirstNewcomer + i));
            var ready = town.CodeAsync(domid, "ready");
            var key = town.Toolstack.Watch(QpenNode.Of(domid)).Where(e => e.Kind == WatchKind.Changed && e.Path == QpenNode.Of(domid)).FirstAsync().Select(_ => Stopwatch.GetTimestamp()).ToTask();
            await town.Toolstack.IsIntroducedAsync(Domid.Zero);
            var (cpu, begun) = (daemon.Cpu, Stopwatch.GetTimestamp());
            await town.AddAsync(domid);
            into.Add(noticed!.Name, side, Stopwatch.GetElapsedTime(begun, await key).TotalMilliseconds);
            await ready;
            into.Add(noticedCpu!.Name, side, (daemon.Cpu - cpu).TotalMilliseconds);
            await town.RemoveAsync(domid);
        }
    }

    /// <summary>Writes that are no request, many at once; a request at their end says that all events before it were read.</summary>
    private async Task IgnoreAsync(Town town, Side side, MeasuredDaemon daemon, Measurements into)
    {
        var writes = (domains > WatchStrategy.Default.Above, side) switch
        {
            (false, _) => 100_000,
            (true, Side.Ours) => 20_000,
            (true, _) => 2_000,
        };
        await FloodAsync(town, writes / 10);
        var (cpu, memory) = (daemon.Cpu, daemon.Resident);
        await FloodAsync(town, writes);
        var last = new Domid((ushort)domains);
        await town.Toolstack.WriteTextAsync(QpenNode.Of(last), "bench");
        await town.CodeAsync(last, side == Side.Ours ? "unknown-request" : "unsupported");
        var took = daemon.Cpu - cpu;
        into.Add(irrelevant.Name, side, domains > WatchStrategy.Default.Above ? took.TotalMicroseconds / writes : took.TotalMilliseconds);
        into.Add(kept.Name, side, daemon.Resident - memory);
    }

    private static Task FloodAsync(Town town, int writes) => Task.WhenAll(Enumerable.Range(0, InFlight).Select(async loop =>
    {
        var key = XsPath.Home(new((ushort)(1 + (loop % town.Domains)))) / "data/updated";
        for (var i = loop; i < writes; i += InFlight) await town.Toolstack.WriteTextAsync(key, "1").ConfigureAwait(false);
    }));
}
