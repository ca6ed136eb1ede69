using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Daemon.Demo;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Guest.Disposable;

/// <summary>A dom0 that does what it is asked at once and asks nobody: for tests of what a guest does, with its real programs.</summary>
internal sealed class ScriptedDom0 : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly ConcurrentDictionary<string, Vm> vms = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> arrivals = new();
    private readonly ReplaySubject<string> requested = new();
    private readonly List<IDisposable> watches = [];
    private readonly EmbeddedXenstore store;
    private readonly XsClient client;
    private readonly SimulatedToolstack toolstack;
    private readonly CancellationTokenSource stop = new();
    private int images;

    private ScriptedDom0(EmbeddedXenstore store, XsClient client)
    {
        this.store = store;
        this.client = client;
        toolstack = new(client, DomainLifecycle.Of(store));
    }

    private sealed record Vm(SimulatedDomain Domain, SimulatedVm Guest, string Devices)
    {
        public int Taken { get; set; }
    }

    /// <summary>False: a daemon of 2010, which shows no status.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>What is answered to a request instead of doing it; null to do it.</summary>
    public Func<string, string, string?> Refuse { get; init; } = (_, _) => null;

    /// <summary>Done to an image on its way.</summary>
    public Action<string> OnTheWay { get; set; } = _ => { };

    /// <summary>Every request, as <c>work: new raw</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>What programs of VMs printed.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>The same, as they come.</summary>
    public IObservable<string> Requested => requested;

    /// <summary>Where disposable VMs have their documents.</summary>
    public string Temporary => folder["tmp"];

    public string this[string name] => folder[name];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ScriptedDom0> StartAsync(bool answers = true, Func<string, string, string?>? refuse = null)
    {
        var folder = Directory.CreateTempSubdirectory("qfx-").FullName;
        var store = EmbeddedXenstore.Start(folder);
        var dom0 = new ScriptedDom0(store, await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel)) { Answers = answers, Refuse = refuse ?? ((_, _) => null) };
        Directory.CreateDirectory(dom0.Temporary);
        return dom0;
    }

    /// <summary>Ends with the program that is run when a pendrive comes to a VM: its exit code.</summary>
    public Task<int> ArrivalAsync(string name) => ArrivalAt(name).Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

    /// <summary>Creates a VM that can ask.</summary>
    public async Task<SimulatedVm> CreateAsync(string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        var domain = await toolstack.CreateAsync(name, Cancel);
        var home = XsPath.Home(domain.Domid);
        var devices = folder[$"devices/{name}"];
        Directory.CreateDirectory(devices);
        Directory.CreateDirectory(folder[$"vms/{name}"]);
        await client.WriteTextAsync(home / "device/qpen", "", Cancel);
        await client.SetPermissionsAsync(home / "device/qpen", XsPermissions.GuestWrites(domain.Domid), Cancel);
        var vm = new Vm(domain, new(domain, Program, store.SocketOf(domain.Domid), devices, folder[$"vms/{name}"], (who, line) => Said.Enqueue($"{who} {line}"))
        {
            Environment = environment ?? new Dictionary<string, string>(),
        }, devices);
        vms[name] = vm;
        await StatusAsync(vm, "0 ready qfx/1");
        watches.Add(client.Watch(home / "device/qpen").Select(_ => Observable.FromAsync(() => TakeAsync(vm))).Concat().Subscribe());
        return vm.Guest;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var watch in watches) watch.Dispose();
        requested.Dispose();
        await client.DisposeAsync();
        await store.DisposeAsync();
        stop.Dispose();
        folder.Dispose();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "qfx-guest");

    private async Task TakeAsync(Vm vm)
    {
        var key = XsPath.Home(vm.Domain.Domid) / "device/qpen";
        var request = await client.TransactAsync(
            async (tx, ct) =>
            {
                var text = await tx.TryReadTextAsync(key, ct);
                if (!string.IsNullOrEmpty(text)) await tx.WriteTextAsync(key, "", ct);
                return text ?? "";
            },
            CancellationToken.None);
        if (request.Length == 0) return;
        Requests.Enqueue($"{vm.Guest.Name}: {request}");
        requested.OnNext($"{vm.Guest.Name}: {request}");
        var answer = Refuse(vm.Guest.Name, request) ?? await DoAsync(vm, request.Split(' '));
        await StatusAsync(vm, $"{++vm.Taken} {answer}");
    }

    private async Task<string> DoAsync(Vm vm, string[] words)
    {
        var (sends, receives) = (Path.Combine(vm.Devices, "xvdg"), Path.Combine(vm.Devices, "xvdh"));
        switch (words)
        {
            case ["new", ..]:
                var image = folder[$"{++images}.img"];
                await using (var file = File.Create(image)) file.SetLength(1 << 30);
                if (vm.Guest.Name == "disp1") File.Delete(receives);    // its umount may be lost where no status is read
                File.CreateSymbolicLink(sends, image);
                return "attached xvdg";
            case ["send", "disposable", var seq, .. var view]:
                await MoveAsync(vm, vms["disp1"], seq, view.Length > 0 ? "view" : "request");
                return "sent opened";
            case ["send", var name, var seq]:
                await MoveAsync(vm, vms[name], seq, "reply");
                return "sent back";
            case ["umount", ..]:
                File.Delete(receives);
                return "detached xvdh";
            case ["cancel"]:
                File.Delete(sends);
                return "cancelled gone";
            default:
                return "unknown-request";
        }
    }

    private async Task MoveAsync(Vm from, Vm to, string seq, string kind)
    {
        var link = Path.Combine(from.Devices, "xvdg");
        var image = new FileInfo(link).LinkTarget!;
        File.Delete(link);
        OnTheWay(image);
        var home = XsPath.Home(to.Domain.Domid);
        (string Key, string Value)[] keys = [("qubes_blocksrc", from.Guest.Name), ("qubes_transaction_seq", seq), .. Answers ? [("qubes_pen_kind", kind)] : Array.Empty<(string, string)>()];
        foreach (var (key, value) in keys)
        {
            await client.WriteTextAsync(home / key, value, CancellationToken.None);
            await client.SetPermissionsAsync(home / key, XsPermissions.GuestReads(to.Domain.Domid), CancellationToken.None);
        }

        File.CreateSymbolicLink(Path.Combine(to.Devices, "xvdh"), image);
        _ = RunAsync(to);
    }

    /// <summary>What udev does.</summary>
    private async Task RunAsync(Vm vm)
    {
        try
        {
            ArrivalAt(vm.Guest.Name).TrySetResult(await vm.Guest.RunAsync("qubes_add_pendrive_script", [], stop.Token));
        }
        catch (OperationCanceledException e)
        {
            ArrivalAt(vm.Guest.Name).TrySetException(e);
        }
    }

    private TaskCompletionSource<int> ArrivalAt(string name) => arrivals.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task StatusAsync(Vm vm, string status)
    {
        if (!Answers) return;
        var key = XsPath.Home(vm.Domain.Domid) / "qubes_pen_status";
        await client.TransactAsync(
            async (tx, ct) =>
            {
                await tx.WriteTextAsync(key, status, ct);
                await tx.SetPermissionsAsync(key, XsPermissions.GuestReads(vm.Domain.Domid), ct);
                return true;
            },
            CancellationToken.None);
    }
}
