using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Daemon.Runner;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>A whole host in a test: a xenstore, the daemon, and VMs whose programs are processes.</summary>
internal sealed class Host : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private CancellationTokenSource stop = new();
    private ReplaySubject<ExchangeStep> steps = new();
    private readonly ReplaySubject<SimulatedDomain> restored = new();
    private readonly IAsyncDisposable server;
    private readonly Func<Domid, string> socketOf;
    private readonly SimulatedToolstack toolstack;
    private readonly IDialogs dialogs;
    private Task daemon;

    private Host(IAsyncDisposable server, XsClient dom0, DomainLifecycle lifecycle, Func<Domid, string> socketOf, IDialogs dialogs, ExchangeSettings settings, Func<DaemonOptions, DaemonOptions>? with = null)
    {
        this.server = server;
        this.dialogs = dialogs;
        this.socketOf = socketOf;
        Dom0 = dom0;
        toolstack = new(dom0, lifecycle);
        Options = new()
        {
            Spool = folder["spool"],
            Devices = DeviceKind.Simulated,
            DevicesFolder = folder["devices"],
            PolicyFolder = folder["policy"],
            Exchange = settings,
        };
        if (with is not null) Options = with(Options);
        Disposables = new(toolstack, restored.OnNext);
        DefaultPolicy.WriteTo(Options.PolicyFolder);
        daemon = RunAsync();
    }

    public XsClient Dom0 { get; }

    /// <summary>Makes the disposable VMs.</summary>
    public SimulatedDisposables Disposables { get; }

    /// <summary>The list of VMs.</summary>
    public MemoryDatabase Database { get; } = new();

    /// <summary>Each disposable VM when it begins to run.</summary>
    public IObservable<SimulatedDomain> Restored => restored;

    public DaemonOptions Options { get; }

    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Every turn of the rules, from the first on.</summary>
    public IObservable<ExchangeStep> Steps => steps;

    public string[] Spool => Directory.GetFiles(Options.Spool, "*.img");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where the guest's programs lie after a build.</summary>
    private static string Guest => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "qfx-guest"));

    public static async Task<Host> EmbeddedAsync(IDialogs? dialogs = null, ExchangeSettings? settings = null, Func<DaemonOptions, DaemonOptions>? with = null)
    {
        var folder = new TempFolder();
        var store = EmbeddedXenstore.Start(folder["store"]);
        var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel);
        return new(new Both(store, folder), dom0, DomainLifecycle.Of(store), store.SocketOf, dialogs ?? new YesDialogs(), settings ?? new(), with);
    }

    public static async Task<Host> RealAsync(IDialogs? dialogs = null, ExchangeSettings? settings = null)
    {
        var store = await RealXenstored.StartAsync(Cancel);
        var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketPath), Cancel);
        return new(store, dom0, store.Lifecycle(dom0), store.SocketOf, dialogs ?? new YesDialogs(), settings ?? new());
    }

    public static Task<Host> StartAsync(bool real, IDialogs? dialogs = null, ExchangeSettings? settings = null) =>
        real ? RealAsync(dialogs, settings) : EmbeddedAsync(dialogs, settings);

    /// <summary>Creates a VM and waits until it can ask.</summary>
    public async Task<(SimulatedDomain Domain, SimulatedVm Vm)> CreateAsync(string name)
    {
        var domain = await toolstack.CreateAsync(name, Cancel);
        await HappensAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared p } && p.From.Domid == domain.Domid);
        return (domain, new(domain, Guest, SocketOf(domain), DevicesOf(domain), folder[$"vms/{name}"], (vm, line) => Said.Enqueue($"{vm} {line}")));
    }

    /// <summary>Ends the daemon and starts another one in its place; <see cref="Steps"/> are that one's from now on.</summary>
    /// <param name="between">What happens while there is none.</param>
    public async Task RestartAsync(Func<Task>? between = null)
    {
        await stop.CancelAsync();
        await daemon;
        if (between is not null) await between();
        stop.Dispose();
        steps.Dispose();
        (stop, steps) = (new(), new());
        daemon = RunAsync();
    }

    public Task DestroyAsync(SimulatedDomain domain) => toolstack.DestroyAsync(domain, Cancel);

    public string SocketOf(SimulatedDomain domain) => socketOf(domain.Domid);

    public string DevicesOf(SimulatedDomain domain) => Path.Combine(Options.DevicesFolder, domain.Domid.ToString());

    public string File(string name, byte[] content)
    {
        Directory.CreateDirectory(folder["documents"]);
        var path = Path.Combine(folder["documents"], name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Ends when this has happened, or had.</summary>
    public Task<ExchangeStep> HappensAsync(Func<ExchangeEvent, bool> what) => UntilAsync(step => step.Cause is { } cause && what(cause));

    public async Task<ExchangeStep> UntilAsync(Func<ExchangeStep, bool> what) =>
        await steps.FirstAsync(what).Timeout(TimeSpan.FromSeconds(30)).RunAsync(Cancel);

    /// <summary>Ends when a domain reads a status of this code.</summary>
    public async Task<string> StatusAsync(SimulatedDomain domain, string code)
    {
        var key = XsPath.Home(domain.Domid) / "qubes_pen_status";
        return await Dom0.Watch(key)
            .SelectMany(_ => Observable.FromAsync(ct => Dom0.TryReadTextAsync(key, ct)))
            .OfType<string>()
            .FirstAsync(status => status.Split(' ')[1] == code)
            .Timeout(TimeSpan.FromSeconds(30))
            .RunAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await daemon;
        await Dom0.DisposeAsync();
        await server.DisposeAsync();
        steps.Dispose();
        restored.Dispose();
        Disposables.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    private Task RunAsync() =>
        ExchangeDaemon.RunAsync(Options, Dom0, dialogs, NullLoggerFactory.Instance, new() { Watch = steps, Disposables = Disposables, Database = Database }, stop.Token);

    private sealed class Both(EmbeddedXenstore store, TempFolder folder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await store.DisposeAsync();
            folder.Dispose();
        }
    }
}
