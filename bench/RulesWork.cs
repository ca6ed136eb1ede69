using System.Diagnostics;
using System.Globalization;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Text;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Bench;

/// <summary><c>bench rules</c>: all of Qfx.Streams between a store that does nothing and an edge that does nothing.</summary>
internal static class RulesWork
{
    public const int Events = 1_000_000;

    /// <summary>Xen's limit.</summary>
    public const int MostDomains = 32_751;

    public static async Task<int> RunAsync()
    {
        var few = Told(10, await MeasureAsync(10, rounds: 1));
        var many = Told(MostDomains, await MeasureAsync(MostDomains, rounds: 1));
        return few && many ? 0 : 1;
    }

    /// <summary>Domains appear, each gets a pendrive, and then a million events come that concern nobody.</summary>
    /// <param name="count">Domains.</param>
    /// <param name="rounds">How often the events come.</param>
    public static async Task<RulesFigures> MeasureAsync(int count, int rounds)
    {
        var store = new RulesStore();
        for (var domid = 1; domid <= count; domid++) store.Add(new Domid(domid));
        using var rules = new EventLoopScheduler();
        using var directory = new DomainDirectory();
        using var prepared = new CountdownEvent(count);
        using var attached = new CountdownEvent(count);
        var begun = Stopwatch.StartNew();
        using var running = ExchangeLoop.Run(ExchangeInputs.Of(directory, store, new NoTakenNotes(), _ => true, "qfx/1", perSecond: 20, rules), new(), Edge, new NoTakenNotes(), rules)
            .Merge(directory.Follow(store).IgnoreElements().Select(_ => ExchangeStep.Initial(new())))
            .Subscribe(step =>
            {
                if (step.Cause is ExchangeEvent.Qpen { What: QpenEvent.Prepared }) prepared.Signal();
                if (step.Cause is ExchangeEvent.Attached) attached.Signal();
            });
        await Task.Run(() => prepared.Wait(TimeSpan.FromMinutes(2)));
        var ready = begun.Elapsed;
        begun.Restart();
        for (var domid = 1; domid <= count; domid++) store.Request(new Domid(domid), "new");
        await Task.Run(() => attached.Wait(TimeSpan.FromMinutes(2)));
        var served = begun.Elapsed;

        var paths = Irrelevant(count).Select(path => (path, Encoding.ASCII.GetBytes(path))).ToArray();
        foreach (var (path, bytes) in paths) store.Happen(path, bytes);
        return new(store.WatchCount, ready, served, prepared.IsSet && attached.IsSet, [.. Enumerable.Range(0, rounds).Select(_ => Round(store, paths))]);
    }

    private static RulesRound Round(RulesStore store, (string Path, byte[] Bytes)[] paths)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var me = Process.GetCurrentProcess();
        var (cpu, allocated) = (me.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true));
        for (var i = 0; i < Events; i++)
        {
            var (path, bytes) = paths[i % paths.Length];
            store.Happen(path, bytes);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        me.Refresh();
        return new(me.TotalProcessorTime - cpu, allocated, GC.GetTotalMemory(forceFullCollection: true) - before);
    }

    private static bool Told(int count, RulesFigures figures)
    {
        var round = figures.Rounds[0];
        var met = round.Cpu < TimeSpan.FromSeconds(2) && round.Kept < 256 * 1024 && figures.All;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count,6} domains, {figures.Watches,5} watches: known after {figures.Known.TotalSeconds:F2} s, a pendrive each after {figures.Served.TotalSeconds:F2} s; {Events:N0} irrelevant events: {round.Cpu.TotalSeconds:F2} s of CPU (limit 2), {round.Allocated / Events} bytes allocated for each, {round.Kept / 1024.0:F0} KiB kept{(met ? "" : "   missed")}"));
        return met;
    }

    /// <summary>What goes on in a xenstore all the time, and is no request.</summary>
    private static IEnumerable<string> Irrelevant(int count)
    {
        for (var i = 0; i < 1000; i++)
        {
            var domid = 1 + (i * 37 % count);
            yield return (i % 8) switch
            {
                0 => $"/local/domain/{domid}/device/vbd/51712/state",
                1 => $"/local/domain/0/backend/vbd/{domid}/51712/state",
                2 => $"/local/domain/{domid}/memory/target",
                3 => $"/local/domain/{domid}/data/updated",
                4 => $"/vm/u-{domid}/image/device-model-pid",
                5 => $"/local/domain/{domid}/device/qpen/child",
                6 => $"/libxl/{domid}/device/vbd/51712/backend",
                _ => $"/local/domain/{domid}/control/shutdown",
            };
        }
    }

    private static IObservable<ExchangeEvent> Edge(ExchangeCommand.Effect effect, CancellationToken cancel) => effect switch
    {
        ExchangeCommand.Make make => Observable.Return<ExchangeEvent>(new ExchangeEvent.Made(make.Id)),
        ExchangeCommand.Attach attach => Observable.Return<ExchangeEvent>(new ExchangeEvent.Attached(attach.Id)),
        _ => Observable.Empty<ExchangeEvent>(),
    };
}

/// <summary>What came of it.</summary>
/// <param name="Watches">Watches in the store.</param>
/// <param name="Known">Until all domains were prepared.</param>
/// <param name="Served">Until each had a pendrive.</param>
/// <param name="All">Whether all were, and had.</param>
/// <param name="Rounds">A million events each.</param>
internal sealed record RulesFigures(int Watches, TimeSpan Known, TimeSpan Served, bool All, IReadOnlyList<RulesRound> Rounds);

/// <summary>What a million events took.</summary>
/// <param name="Cpu">Of this process.</param>
/// <param name="Allocated">Bytes.</param>
/// <param name="Kept">Bytes that are there afterwards.</param>
internal sealed record RulesRound(TimeSpan Cpu, long Allocated, long Kept);
