using System.Net.Sockets;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Runtime.InteropServices;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Faults;

/// <summary>A client, the embedded store, and a proxy between them that does harm.</summary>
public abstract class FaultFixture(XsClientOptions options) : IAsyncLifetime
{
    private readonly TempFolder folder = new();

    // Every stream that the client ever had; what nothing holds any more, no task either, is collected.
    private readonly List<WeakReference> streams = [];
    private readonly List<SafeHandle> sockets = [];

    protected static XsPath Test { get; } = new("/test");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected EmbeddedXenstore Store { get; private set; } = null!;

    private protected FaultProxy Proxy { get; private set; } = null!;

    private protected XsClient Client { get; private set; } = null!;

    /// <summary>Of the client's sockets, those that it has not closed.</summary>
    protected int OpenSockets
    {
        get
        {
            lock (streams) return sockets.Count(socket => !socket.IsClosed);
        }
    }

    /// <summary>Streams that something still holds.</summary>
    protected int LiveStreams
    {
        get
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return streams.Count(stream => stream.IsAlive);
        }
    }

    public async ValueTask InitializeAsync()
    {
        Store = EmbeddedXenstore.Start(folder["store"]);
        Proxy = new(folder["proxy"], Store.SocketOf(Domid.Zero));
        Client = await XsClient.ConnectAsync(
            OpenAsync, options with { ReconnectPauses = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)) }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Client.DisposeAsync();
        await Proxy.DisposeAsync();
        await Store.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Breaks the connection, and ends when there is another one.</summary>
    protected async Task AgainAsync()
    {
        Proxy.Break();
        await Proxy.ConnectedAsync();
        await ConnectedAsync();
    }

    protected Task ConnectedAsync() => Client.States.FirstAsync(state => state.Phase == XsClientPhase.Connected).Timeout(ScriptedPeer.Patience).RunAsync(Cancel).ToTask();

    /// <summary>In a folder of its own: what was sent on connections that ended is still carried out.</summary>
    protected async Task AskAllAsync()
    {
        var all = Test / "all";
        var values = Enumerable.Range(0, 20).ToDictionary(i => all / $"{i}", i => new byte[i * 200]);
        await Task.WhenAll(values.Select(pair => Client.WriteAsync(pair.Key, pair.Value, Cancel))).WaitAsync(ScriptedPeer.Patience, Cancel);
        foreach (var (path, value) in values) Assert.Equal(value, await Client.ReadAsync(path, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel));
        Assert.Equal(20, (await Client.ListAsync(all, Cancel)).Count);
        await Assert.ThrowsAsync<XenstoreException>(() => Client.ReadAsync(all / "none", Cancel).WaitAsync(ScriptedPeer.Patience, Cancel));
    }

    private async Task<Stream> OpenAsync(CancellationToken cancel)
    {
        var stream = await XsEndpoint.Socket(folder["proxy"]).OpenAsync(options, cancel);
        lock (streams)
        {
            streams.Add(new(stream));
            sockets.Add(((NetworkStream)stream).Socket.SafeHandle);
        }

        return stream;
    }
}
