using System.Net.Sockets;
using System.Runtime.InteropServices;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support;

/// <summary>Stands between a client and a server and does to the answers what networks, bugs and attackers do.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<Socket> open = [];
    private readonly Task accepting;
    private readonly FaultDam dam = new();
    private TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool refusing;

    public FaultProxy(string path, string target)
    {
        Target = target;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        accepting = AcceptAsync();
    }

    /// <summary>The server, for connections to come.</summary>
    public string Target { get; set; }

    /// <summary>What the server says, frame by frame, as it is to reach the client; empty lists hold it back for good.</summary>
    public Func<byte[], IEnumerable<byte[]>> Answers { get; set; } = frame => [frame];

    /// <summary>How many bytes the client gets at a time, both ways; 0 for as they come.</summary>
    public int Chunk { get; set; }

    /// <summary>Ends each connection after so many bytes of answers.</summary>
    public long CutAfter { get; set; } = long.MaxValue;

    public int Connections { get; private set; }

    /// <summary>Sockets that are open now, on both sides.</summary>
    public int Open
    {
        get
        {
            lock (gate) return open.Count;
        }
    }

    /// <summary>Holds answers back, and lets them go merged and cut as the test likes.</summary>
    public FaultDam Dam => dam;

    /// <summary>Breaks every connection off; new ones too, until <see cref="Allow"/>.</summary>
    public void Break(bool refuse = false)
    {
        lock (gate)
        {
            refusing = refuse;
            connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var socket in open) socket.Dispose();
            open.Clear();
            dam.Drain();
        }
    }

    public void Allow()
    {
        lock (gate) refusing = false;
    }

    /// <summary>Ends when a client has connected since the last break.</summary>
    public Task ConnectedAsync() => connected.Task.WaitAsync(ScriptedPeer.Patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        Break();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(stop.Token);
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                lock (gate)
                {
                    if (refusing)
                    {
                        client.Dispose();
                        server.Dispose();
                        continue;
                    }

                    if (!TryConnect(server))
                    {
                        client.Dispose();
                        server.Dispose();
                        continue;
                    }

                    open.Add(client);
                    open.Add(server);
                    Connections++;
                    connected.TrySetResult();
                }

                _ = PumpAsync(client, server, bytes => [bytes], long.MaxValue);
                _ = PumpFramesAsync(server, client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    /// <summary>Waits for its turn where the server's queue is full.</summary>
    private bool TryConnect(Socket server)
    {
        try
        {
            server.Connect(new UnixDomainSocketEndPoint(Target));
            return true;
        }
        catch (SocketException)
        {
            return false;    // there is none, so the client is hung up on
        }
    }

    private async Task PumpFramesAsync(Socket from, Socket to)
    {
        var waiting = new List<byte>();
        await PumpAsync(from, to, bytes =>
        {
            waiting.AddRange(bytes);
            var all = new List<byte[]>();
            while (XsFrame.TryRead(CollectionsMarshal.AsSpan(waiting), out var frame))
            {
                all.AddRange(Answers(waiting[..frame.Size].ToArray()).Where(answer => !dam.Hold(to, answer)));
                waiting.RemoveRange(0, frame.Size);
            }

            return all;
        }, CutAfter);
    }

    private async Task PumpAsync(Socket from, Socket to, Func<byte[], IEnumerable<byte[]>> change, long cutAfter)
    {
        var buffer = new byte[64 * 1024];
        var passed = 0L;
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var length)
            {
                foreach (var part in change(buffer[..length]))
                {
                    for (var at = 0; at < part.Length;)
                    {
                        var size = (int)Math.Min(Math.Min(Chunk > 0 ? Chunk : part.Length, part.Length - at), cutAfter - passed);
                        if (size == 0) return;
                        await to.SendAsync(part.AsMemory(at, size), stop.Token);
                        at += size;
                        passed += size;
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of them is gone.
        }
        finally
        {
            lock (gate)
            {
                from.Dispose();
                to.Dispose();
                open.Remove(from);
                open.Remove(to);
            }
        }
    }
}
