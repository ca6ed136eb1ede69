using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>Plays a domain's kernel: any number of clients on a unix socket share the domain's one ring to xenstored.</summary>
/// <remarks>
/// struct xenstore_domain_interface in xen/include/public/io/xs_wire.h: two rings of 1,024 bytes, and from offset 2,048 on
/// req_cons, req_prod, rsp_cons, rsp_prod. Request ids and watch tokens are made unique for each client, as Linux's
/// xenbus driver does; who leaves takes its watches and transactions with it.
/// </remarks>
internal sealed partial class RingBridge : IAsyncDisposable
{
    private const int RingSize = 1024;
    private const int RequestIndexes = 2048;
    private const int ResponseIndexes = 2056;

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor page;
    private readonly FileStream toServer;
    private readonly FileStream fromServer;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] port;
    private readonly Queue<byte> outgoing = new();
    private readonly List<byte> incoming = [];
    private readonly Dictionary<uint, (RingClient Client, uint Id)> waiting = [];
    private readonly Dictionary<int, RingClient> clients = [];
    private readonly Thread listening;
    private readonly Task accepting;
    private uint lastId;
    private int lastClient;

    private RingBridge(string folder, Domid domid)
    {
        SocketPath = Path.Combine(folder, $"domain-{domid}");
        port = BitConverter.GetBytes(1000 + domid.Value);
        mapping = MemoryMappedFile.CreateFromFile(Path.Combine(folder, $"ring.{domid}"), FileMode.Open, null, 4096);
        page = mapping.CreateViewAccessor(0, 4096);
        var fifo = Path.Combine(folder, $"guest.{domid}");
        if (MakeFifo(fifo, 0b110_000_000) != 0) throw new IOException($"{fifo}: errno {Marshal.GetLastPInvokeError()}");
        fromServer = new(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        toServer = new(Path.Combine(folder, "evtchn"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        listening = new(ListenToServer) { IsBackground = true, Name = $"ring of domain {domid}" };
        listening.Start();
        accepting = AcceptAsync();
    }

    public string SocketPath { get; }

    /// <summary>For a domain that has been introduced.</summary>
    public static RingBridge Open(string folder, Domid domid) => new(folder, domid);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        fromServer.Write(port);    // wakes the thread, which sees that it is over
        listening.Join();
        await accepting;
        lock (gate)
        {
            foreach (var client in clients.Values) client.Dispose();
        }

        await fromServer.DisposeAsync();
        await toServer.DisposeAsync();
        page.Dispose();
        mapping.Dispose();
        File.Delete(SocketPath);
        stop.Dispose();
    }

    /// <summary>Puts one message of a client onto the ring, under an id of our own.</summary>
    internal void Send(RingClient client, XsHeader header, ReadOnlySpan<byte> payload)
    {
        lock (gate)
        {
            if (stop.IsCancellationRequested) return;
            var id = ++lastId;
            waiting.Add(id, (client, header.RequestId));
            Span<byte> head = stackalloc byte[XsHeader.Size];
            (header with { RequestId = id, Length = payload.Length }).Write(head);
            foreach (var b in head) outgoing.Enqueue(b);
            foreach (var b in payload) outgoing.Enqueue(b);
            Pump();
        }
    }

    internal void Forget(RingClient client)
    {
        lock (gate) clients.Remove(client.Number);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stop.Token);
                lock (gate)
                {
                    var client = new RingClient(++lastClient, socket, this);
                    clients.Add(client.Number, client);
                    client.Start(stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The domain is gone.
        }
    }

    private void ListenToServer()
    {
        var event4 = new byte[4];
        while (fromServer.Read(event4) > 0 && !stop.IsCancellationRequested)
        {
            lock (gate) Pump();
        }
    }

    /// <summary>Moves what can be moved, both ways.</summary>
    private void Pump()
    {
        var moved = TakeResponses() | PutRequests();
        if (moved) toServer.Write(port);
    }

    private bool PutRequests()
    {
        var produced = Index(RequestIndexes + 4);
        var start = produced;
        while (outgoing.Count > 0 && produced - Index(RequestIndexes) < RingSize)
            page.Write((int)(produced++ % RingSize), outgoing.Dequeue());
        Interlocked.MemoryBarrier();    // the bytes before the index that says they are there
        if (produced != start) page.Write(RequestIndexes + 4, produced);
        return produced != start;
    }

    private bool TakeResponses()
    {
        var consumed = Index(ResponseIndexes);
        var produced = Index(ResponseIndexes + 4);
        Interlocked.MemoryBarrier();
        if (consumed == produced) return false;
        while (consumed != produced) incoming.Add(page.ReadByte(RingSize + (int)(consumed++ % RingSize)));
        Interlocked.MemoryBarrier();
        page.Write(ResponseIndexes, consumed);
        while (XsFrame.TryRead(CollectionsMarshal.AsSpan(incoming), out var frame))
        {
            Deliver(frame);
            incoming.RemoveRange(0, frame.Size);
        }

        return true;
    }

    private void Deliver(XsFrame frame)
    {
        if (frame.Header.Type == XsType.WatchEvent)
        {
            var rest = frame.Payload;
            var path = XsPayload.Next(ref rest).ToArray();
            var token = XsPayload.Text(rest);
            var colon = token.IndexOf(':', StringComparison.Ordinal);
            if (clients.TryGetValue(int.Parse(token[..colon], System.Globalization.CultureInfo.InvariantCulture), out var watcher))
                watcher.Event(path, token[(colon + 1)..]);
        }
        else if (waiting.Remove(frame.Header.RequestId, out var asked))
        {
            asked.Client.Answer(frame.Header with { RequestId = asked.Id }, frame.Payload);
        }
    }

    private uint Index(int offset) => page.ReadUInt32(offset);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFifo(string path, uint mode);
}
