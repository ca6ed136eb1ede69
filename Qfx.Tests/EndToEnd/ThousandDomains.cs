using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Options;
using Qfx.Daemon.Runner;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon, a thousand domains or more that it watches, and a proxy through which it speaks to their store.</summary>
internal sealed class ThousandDomains : IAsyncDisposable
{
    /// <summary>With a watch for each, as long as there are no more.</summary>
    public const int Many = 1000;

    /// <summary>So many that there is one watch for all (WatchStrategy.Default).</summary>
    public const int Covered = 1100;

    /// <summary>A safety net: under load, a thousand domains on the real server take most of a minute to be prepared.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly TempFolder folder = new();
    private readonly Subject<ExchangeStep> steps = new();
    private readonly CancellationTokenSource stop = new();
    private readonly int many;
    private IAsyncDisposable store = null!;
    private XsClient client = null!;
    private Task daemon = Task.CompletedTask;

    private ThousandDomains(int many) => this.many = many;

    /// <summary>The real server, if it is that.</summary>
    public RealXenstored? Real => store as RealXenstored;

    /// <summary>Watches that the daemon has on the server.</summary>
    public int Watches => client.Holdings.Registrations;

    /// <summary>The toolstack's connection, which no proxy cuts.</summary>
    public XsClient Dom0 { get; private set; } = null!;

    public SimulatedToolstack Toolstack { get; private set; } = null!;

    public SimulatedDomain[] Domains { get; private set; } = null!;

    public FaultProxy Proxy { get; private set; } = null!;

    /// <summary>What the rules were told since all of them were prepared.</summary>
    public ConcurrentQueue<ExchangeEvent> Happened { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Ends when the daemon has prepared each of them.</summary>
    /// <param name="many">Domains.</param>
    /// <param name="real">On the real C xenstored, or the embedded store.</param>
    public static async Task<ThousandDomains> StartAsync(int many = Many, bool real = false)
    {
        var rig = new ThousandDomains(many);
        try
        {
            await rig.BeginAsync(real);
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }

        return rig;
    }

    /// <summary>Makes them in a store; always the same ones.</summary>
    public static async Task<SimulatedDomain[]> FillAsync(SimulatedToolstack toolstack, int many = Many)
    {
        var all = new SimulatedDomain[many];
        for (var i = 0; i < many; i++)
            all[i] = await toolstack.CreateAsync($"vm-{i}", new Guid(i + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]), Cancel);
        return all;
    }

    /// <summary>Ends when each of these has happened, from now on.</summary>
    public async Task ExpectAsync(params Func<ExchangeEvent, bool>[] all) => await Task.WhenAll(all.Select(what =>
        steps.Select(step => step.Cause!).FirstAsync(what).Timeout(Patience).RunAsync(Cancel).ToTask()));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await daemon;
        if (client is not null) await client.DisposeAsync();
        if (Proxy is not null) await Proxy.DisposeAsync();
        if (Dom0 is not null) await Dom0.DisposeAsync();
        if (store is not null) await store.DisposeAsync();
        steps.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    private async Task BeginAsync(bool real)
    {
        store = real ? await RealXenstored.StartAsync(Cancel) : EmbeddedXenstore.Start(folder["store"]);
        var socket = store is EmbeddedXenstore embedded ? embedded.SocketOf(Domid.Zero) : Real!.SocketPath;
        Dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(socket), Cancel);
        var (lifecycle, introduce) = store is EmbeddedXenstore mine ? (DomainLifecycle.Of(mine), _ => Task.CompletedTask) : RealXenstored.Unplayed(Dom0);
        Toolstack = new(Dom0, lifecycle);
        Domains = await FillAsync(Toolstack, many);
        await introduce(Cancel);
        Proxy = new(folder["proxy"], socket);
        client = await XsClient.ConnectAsync(
            XsEndpoint.Socket(folder["proxy"]), new() { ReconnectPauses = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)) }, Cancel);
        var prepared = steps.Where(step => step.Cause is ExchangeEvent.Qpen { What: QpenEvent.Prepared }).Take(many).Timeout(Patience).LastAsync().RunAsync(Cancel);
        var options = new DaemonOptions { Spool = folder["spool"], Devices = DeviceKind.Simulated, DevicesFolder = folder["devices"], Exchange = new() };
        daemon = ExchangeDaemon.RunAsync(options, client, new NobodyDialogs(), NullLoggerFactory.Instance, new() { Watch = steps }, stop.Token);
        await prepared;
        steps.Subscribe(step => Happened.Enqueue(step.Cause!));
    }
}
