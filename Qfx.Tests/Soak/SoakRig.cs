using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Daemon.Runner;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Soak;

/// <summary>The daemon on the embedded store, and VMs that write requests and nothing else. It keeps nothing of what has happened.</summary>
internal sealed class SoakRig : IAsyncDisposable
{
    private readonly TempFolder folder;
    private readonly CancellationTokenSource stop = new();
    private readonly Subject<ExchangeStep> steps = new();
    private readonly Subject<SimulatedDomain> restored = new();
    private readonly EmbeddedXenstore store;
    private readonly XsClient dom0;
    private readonly SimulatedDisposables disposables;
    private readonly Task daemon;

    private SoakRig(TempFolder folder, EmbeddedXenstore store, XsClient dom0)
    {
        (this.folder, this.store, this.dom0) = (folder, store, dom0);
        Toolstack = new(dom0, DomainLifecycle.Of(store));
        disposables = new(Toolstack, restored.OnNext);
        var options = new DaemonOptions
        {
            Spool = folder["spool"],
            Devices = DeviceKind.Simulated,
            DevicesFolder = folder["devices"],
            PolicyFolder = folder["policy"],
            Exchange = new() { RequestsPerSecond = 1000, SizeMiB = 40, Disposables = new() { PerMinute = int.MaxValue, InAll = 64 } },
        };
        Spool = options.Spool;
        DefaultPolicy.WriteTo(options.PolicyFolder);
        var gated = Subject.Synchronize(steps);
        daemon = ExchangeDaemon.RunAsync(options, dom0, new YesDialogs(), NullLoggerFactory.Instance, new() { Watch = gated, Disposables = disposables, Database = Database }, stop.Token);
    }

    public string Spool { get; }

    public SimulatedToolstack Toolstack { get; }

    public MemoryDatabase Database { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SoakRig> StartAsync()
    {
        var folder = new TempFolder();
        var store = EmbeddedXenstore.Start(folder["store"]);
        return new(folder, store, await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel));
    }

    /// <summary>A VM that can ask.</summary>
    public async Task<SimulatedDomain> CreateAsync(string name)
    {
        var domain = await Toolstack.CreateAsync(name, Cancel);
        await dom0.Watch(QpenNode.Of(domain.Domid)).SelectMany(_ => Observable.FromAsync(ct => dom0.TryReadAsync(QpenNode.Of(domain.Domid), ct)))
            .FirstAsync(value => value is not null).Timeout(Patience).RunAsync(Cancel);
        return domain;
    }

    /// <summary>Writes a request, and ends when a status of this code is to be written to it, or to whom it says.</summary>
    public async Task AskAsync(SimulatedDomain domain, string request, StatusCode code, SimulatedDomain? told = null)
    {
        var reader = (told ?? domain).Domid;
        var seen = UntilAsync(step => step.Commands.OfType<ExchangeCommand.WriteStatus>().Any(w => w.To.Domid == reader && w.Status.Code == code));
        await dom0.WriteTextAsync(QpenNode.Of(domain.Domid), request, Cancel);
        await seen;
    }

    /// <summary>Writes a request, and does not look back.</summary>
    public Task SendAsync(SimulatedDomain domain, string request) => dom0.WriteTextAsync(QpenNode.Of(domain.Domid), request, Cancel);

    public Task<ExchangeStep> UntilAsync(Func<ExchangeStep, bool> what) => steps.FirstAsync(what).Timeout(Patience).ToTask(Cancel);

    /// <summary>The next disposable VM that is restored.</summary>
    public Task<SimulatedDomain> RestoredAsync() => restored.FirstAsync().Timeout(Patience).ToTask(Cancel);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await daemon;
        await dom0.DisposeAsync();
        await store.DisposeAsync();
        disposables.Dispose();
        steps.Dispose();
        restored.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
}
