using System.Net.Sockets;
using System.Threading.Channels;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <summary>A xenstored in this process, on unix sockets: one for dom0, and one for each domain, on which a client has that domain's rights.</summary>
/// <remarks>
/// For demonstrations and tests: any libxenstore program can use it through XENSTORED_PATH. It starts as xenstored does
/// after xen-init-dom0. It keeps nothing on disk but its sockets.
/// </remarks>
public sealed class EmbeddedXenstore : IAsyncDisposable
{
    /// <summary>Bytes that may wait for a client that does not read; who lets more wait is disconnected.</summary>
    public const int MaxWaiting = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly string folder;
    private readonly StoreCore core;
    private readonly Dictionary<Domid, Socket> listeners = [];
    private readonly Dictionary<Domid, HashSet<Client>> clients = [];
    private readonly HashSet<Task> running = [];

    private EmbeddedXenstore(string folder)
    {
        this.folder = folder;
        core = new(OnIntroduced);
    }

    /// <summary>Starts one.</summary>
    /// <param name="folder">For the sockets: made if it is missing, open to this user alone. Its path has at most 80 bytes.</param>
    public static EmbeddedXenstore Start(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var store = new EmbeddedXenstore(folder);
        lock (store.gate)
        {
            store.Populate();
            store.Listen(Domid.Zero);
        }

        return store;
    }

    /// <summary>The domains that are there, domain 0 among them.</summary>
    public bool IsIntroduced(Domid domid)
    {
        lock (gate) return core.IsIntroduced(domid);
    }

    /// <summary>What the clients of a domain hold here at this moment.</summary>
    internal (int Connections, int Watches, int Transactions) HeldBy(Domid domid)
    {
        lock (gate) return core.HeldBy(domid);
    }

    /// <summary>Where the clients of a domain connect, for XENSTORED_PATH. The socket is there while the domain is.</summary>
    public string SocketOf(Domid domid) => SocketIn(folder, domid);

    /// <summary>The same, of a store that another process keeps in <paramref name="folder"/>.</summary>
    public static string SocketIn(string folder, Domid domid) => Path.Combine(folder, domid == Domid.Zero ? "socket" : $"domain-{domid}");

    /// <summary>A domain is there: <c>@introduceDomain</c> fires, unless it was there before. As INTRODUCE.</summary>
    public void Introduce(Domid domid)
    {
        lock (gate) core.Introduce(domid);
    }

    /// <summary>A domain has shut down and is still there: <c>@releaseDomain</c> fires.</summary>
    public void Shutdown()
    {
        lock (gate) core.Shutdown();
    }

    /// <summary>A domain is gone: its clients are disconnected, what it owned vanishes, <c>@releaseDomain</c> fires. As RELEASE.</summary>
    /// <returns>False if it was not there, and for domain 0.</returns>
    public bool Release(Domid domid)
    {
        lock (gate) return core.Release(domid);
    }

    /// <summary>Disconnects every client and removes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] ending;
        lock (gate)
        {
            if (stop.IsCancellationRequested) return;
            stop.Cancel();
            foreach (var domid in listeners.Keys.ToArray()) Close(domid);
            ending = [.. running];
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
        stop.Dispose();
    }

    /// <summary>What xen-init-dom0 leaves.</summary>
    private void Populate()
    {
        var setup = new StoreConnection(Domid.Zero, _ => { });
        foreach (var (path, value) in new[]
        {
            ("/tool/xenstored", ""), ("/local/domain/0/name", "Domain-0"), ("/local/domain/0/domid", "0"), ("/vm", ""),
        })
        {
            byte[] payload = [.. System.Text.Encoding.ASCII.GetBytes(path), 0, .. System.Text.Encoding.ASCII.GetBytes(value)];
            core.Handle(setup, new(XsType.Write, 0, 0, payload.Length), payload);
        }
    }

    private void OnIntroduced(Domid domid, bool there)
    {
        if (there) Listen(domid);
        else Close(domid);
    }

    private void Listen(Domid domid)
    {
        var path = SocketOf(domid);
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(128);
        listeners.Add(domid, listener);
        Run(AcceptAsync(listener, domid));
    }

    private void Close(Domid domid)
    {
        if (listeners.Remove(domid, out var listener)) listener.Dispose();
        File.Delete(SocketOf(domid));
        if (!clients.Remove(domid, out var connected)) return;
        foreach (var client in connected) client.Socket.Dispose();
    }

    /// <summary>Under the gate. Remembers what has to end before this store has.</summary>
    private void Run(Task task)
    {
        running.Add(task);
        task.ContinueWith(
            done =>
            {
                lock (gate) running.Remove(done);
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task AcceptAsync(Socket listener, Domid domid)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stop.Token).ConfigureAwait(false);
                lock (gate)
                {
                    if (!listeners.TryGetValue(domid, out var current) || current != listener)
                    {
                        socket.Dispose();
                        return;
                    }

                    var client = new Client(socket, domid);
                    if (!clients.TryGetValue(domid, out var connected)) clients.Add(domid, connected = []);
                    connected.Add(client);
                    core.Connect(client.Connection);
                    Run(ServeAsync(client));
                    Run(client.SendAllAsync());
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The domain, or the store, is gone.
        }
    }

    private async Task ServeAsync(Client client)
    {
        await Task.Yield();
        try
        {
            using var frames = new XsFrameReader(XsHeader.MaxPayload);
            while (await client.Socket.ReceiveAsync(frames.GetMemory(), stop.Token).ConfigureAwait(false) is > 0 and var bytes)
            {
                frames.Advance(bytes);
                HandleAll(client, frames);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or XsProtocolException)
        {
            // Gone, or it does not speak the protocol: xenstored hangs up without a word.
        }

        lock (gate)
        {
            core.Disconnect(client.Connection);
            if (clients.TryGetValue(client.Connection.Domid, out var connected)) connected.Remove(client);
        }

        client.Dispose();
    }

    private void HandleAll(Client client, XsFrameReader frames)
    {
        while (frames.TryRead(out var frame))
        {
            lock (gate) core.Handle(client.Connection, frame.Header, frame.Payload);
        }
    }

    /// <summary>A socket, and what waits to be sent to it.</summary>
    private sealed class Client : IDisposable
    {
        private readonly Channel<byte[]> outgoing = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
        private long waiting;

        public Client(Socket socket, Domid domid)
        {
            Socket = socket;
            Connection = new(domid, Send);
        }

        public Socket Socket { get; }

        public StoreConnection Connection { get; }

        public async Task SendAllAsync()
        {
            await Task.Yield();
            try
            {
                await foreach (var message in outgoing.Reader.ReadAllAsync().ConfigureAwait(false))
                {
                    for (var sent = 0; sent < message.Length;)
                        sent += await Socket.SendAsync(message.AsMemory(sent)).ConfigureAwait(false);
                    Interlocked.Add(ref waiting, -message.Length);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is gone; its reader notices too.
            }
        }

        public void Dispose()
        {
            outgoing.Writer.TryComplete();
            Socket.Dispose();
        }

        private void Send(byte[] message)
        {
            if (Interlocked.Add(ref waiting, message.Length) > MaxWaiting) Dispose();
            else outgoing.Writer.TryWrite(message);
        }
    }
}
