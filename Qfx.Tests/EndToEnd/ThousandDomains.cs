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
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon, a thousand domains that it watches, and a proxy through which it speaks to their store.</summary>
internal sealed class ThousandDomains : IAsyncDisposable
{
    /// <summary>How many.</summary>
    public const int Many = 1000;

    private readonly TempFolder folder = new();
    private readonly Subject<ExchangeStep> steps = new();
    private readonly CancellationTokenSource stop = new();
    private EmbeddedXenstore store = null!;
    private XsClient client = null!;
    private Task daemon = Task.CompletedTask;

    private ThousandDomains()
    {
    }

    /// <summary>The toolstack's connection, which no proxy cuts.</summary>
    public XsClient Dom0 { get; private set; } = null!;

    public SimulatedToolstack Toolstack { get; private set; } = null!;

    public SimulatedDomain[] Domains { get; private set; } = null!;

    public FaultProxy Proxy { get; private set; } = null!;

    /// <summary>What the rules were told since all of them were prepared.</summary>
    public ConcurrentQueue<ExchangeEvent> Happened { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Ends when the daemon has prepared each of them.</summary>
    public static async Task<ThousandDomains> StartAsync()
    {
        var rig = new ThousandDomains();
        try
        {
            await rig.BeginAsync();
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }

        return rig;
    }

    /// <summary>Makes them in a store; always the same ones.</summary>
    public static async Task<SimulatedDomain[]> FillAsync(SimulatedToolstack toolstack)
    {
        var all = new SimulatedDomain[Many];
        for (var i = 0; i < Many; i++)
            all[i] = await toolstack.CreateAsync($"vm-{i}", new Guid(i + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]), Cancel);
        return all;
    }

    /// <summary>Ends when each of these has happened, from now on.</summary>
    public async Task ExpectAsync(params Func<ExchangeEvent, bool>[] all) => await Task.WhenAll(all.Select(what =>
        steps.Select(step => step.Cause!).FirstAsync(what).Timeout(TimeSpan.FromSeconds(60)).RunAsync(Cancel).ToTask()));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await daemon;
        if (client is not null) await client.DisposeAsync();
        if (Proxy is not null) await Proxy.DisposeAsync();
        if (Dom0 is not null) await Dom0.DisposeAsync();
        await store.DisposeAsync();
        steps.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    private async Task BeginAsync()
    {
        store = EmbeddedXenstore.Start(folder["store"]);
        Dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel);
        Toolstack = new(Dom0, DomainLifecycle.Of(store));
        Domains = await FillAsync(Toolstack);
        Proxy = new(folder["proxy"], store.SocketOf(Domid.Zero));
        client = await XsClient.ConnectAsync(
            XsEndpoint.Socket(folder["proxy"]), new() { ReconnectPauses = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)) }, Cancel);
        var prepared = steps.Where(step => step.Cause is ExchangeEvent.Qpen { What: QpenEvent.Prepared }).Take(Many).Timeout(TimeSpan.FromSeconds(60)).LastAsync().RunAsync(Cancel);
        var options = new DaemonOptions { Spool = folder["spool"], Devices = DeviceKind.Simulated, DevicesFolder = folder["devices"], Exchange = new() };
        daemon = ExchangeDaemon.RunAsync(options, client, new NobodyDialogs(), NullLoggerFactory.Instance, steps, stop.Token);
        await prepared;
        steps.Subscribe(step => Happened.Enqueue(step.Cause!));
    }
}
