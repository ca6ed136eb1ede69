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
    private const int Events = 1_000_000;

    /// <summary>Xen's limit.</summary>
    private const int MostDomains = 32_751;

    public static async Task<int> RunAsync()
    {
        var few = await MeasureAsync(10);
        var many = await MeasureAsync(MostDomains);
        return few && many ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(int count)
    {
        var store = new RulesStore();
        for (var domid = 1; domid <= count; domid++) store.Add(new Domid(domid));
        using var rules = new EventLoopScheduler();
        using var directory = new DomainDirectory();
        var (prepared, attached) = (new CountdownEvent(count), new CountdownEvent(count));
        var begun = Stopwatch.StartNew();
        using var running = ExchangeLoop.Run(ExchangeInputs.Of(directory, store, _ => true, "qfx/1", perSecond: 20, rules), new(), Edge, rules)
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
        for (var i = 0; i < paths.Length; i++) store.Happen(paths[i].path, paths[i].Item2);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < Events; i++)
        {
            var (path, bytes) = paths[i % paths.Length];
            store.Happen(path, bytes);
        }

        var took = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        var met = took < TimeSpan.FromSeconds(2) && kept < 256 * 1024 && prepared.IsSet && attached.IsSet;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count,6} domains, {store.WatchCount,5} watches: known after {ready.TotalSeconds:F2} s, a pendrive each after {served.TotalSeconds:F2} s; {Events:N0} irrelevant events: {took.TotalSeconds:F2} s of CPU (limit 2), {kept / 1024.0:F0} KiB kept{(met ? "" : "   missed")}"));
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
