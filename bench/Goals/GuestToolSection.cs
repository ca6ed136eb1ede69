using System.Diagnostics;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Bench.Goals;

/// <summary>From the start of <c>qvm-copy-to-vm personal FILE</c> in a VM until its request is in the store, which is the embedded one: it has a socket for each VM.</summary>
internal sealed class GuestToolSection : ISection
{
    private const string Write = "/usr/bin/xenstore-write";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Goal tool = new("guest tool, start to the request in the store", "ms") { Peer = "xenstore-write" };

    public GuestToolSection() => tool = tool with { Limit = Limit.AtMost(tool, 30) };

    public IReadOnlyList<Goal> Goals => [tool];

    public string? Missing => Shipped.Missing ?? (File.Exists(Write) ? null : $"There is no {Write}: install xenstore-utils.");

    public async Task MeasureAsync(Measurements into, int runs)
    {
        var folder = Directory.CreateTempSubdirectory("qfx-goals-").FullName;
        var document = Path.Combine(folder, "document.txt");
        await File.WriteAllTextAsync(document, "a document");
        Directory.CreateDirectory(Path.Combine(folder, "dev"));
        Directory.CreateDirectory(Path.Combine(folder, "run"));
        await using (var server = EmbeddedXenstore.Start(Path.Combine(folder, "store")))
        {
            await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)));
            var vm = await new SimulatedToolstack(dom0, DomainLifecycle.Of(server)).CreateAsync("work");
            await dom0.WriteTextAsync(QpenNode.StatusOf(vm.Domid), "0 ready qfx/1 max=16384 vfat raw");
            await dom0.SetPermissionsAsync(QpenNode.StatusOf(vm.Domid), XsPermissions.GuestReads(vm.Domid));
            for (var round = 0; round < 2 * runs; round++)
            {
                into.Add(tool.Name, Side.Ours, await OnceAsync(dom0, vm, server, folder, Shipped.Guest, "qvm-copy-to-vm", "personal", document));
                into.Add(tool.Name, Side.Peer, await OnceAsync(dom0, vm, server, folder, Write, "device/qpen", "new"));
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<double> OnceAsync(XsClient dom0, SimulatedDomain vm, EmbeddedXenstore server, string folder, string program, params string[] arguments)
    {
        var key = QpenNode.Of(vm.Domid);
        await dom0.WriteTextAsync(key, "");
        await dom0.SetPermissionsAsync(key, XsPermissions.GuestWrites(vm.Domid));
        var there = new TaskCompletionSource();
        var written = dom0.Watch(key).Do(e =>
        {
            if (e.Kind == WatchKind.Registered) there.TrySetResult();
        }).Where(e => e.Kind == WatchKind.Changed).FirstAsync().Select(_ => Stopwatch.GetTimestamp()).Timeout(Patience).ToTask();
        await there.Task;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ((string, string)[])[
            ("XENSTORED_PATH", server.SocketOf(vm.Domid)), ("QFX_DEV", $"{folder}/dev"), ("QFX_RUN", $"{folder}/run"), ("QFX_INCOMING", $"{folder}/incoming"),
            ("QFX_SETTINGS", $"{folder}/conf"), ("QFX_PENDRIVE", "mtools"), ("HOME", folder)])
        {
            start.Environment[name] = value;
        }

        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var took = Stopwatch.GetElapsedTime(begun, await written).TotalMilliseconds;
        if (!process.HasExited) process.Kill();    // nobody is there to answer it
        await process.WaitForExitAsync();
        return took;
    }
}
