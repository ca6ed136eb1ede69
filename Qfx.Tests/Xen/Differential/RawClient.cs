using System.Net.Sockets;
using System.Text;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Differential;

/// <summary>A connection without any client behind it: sends what it is told, one request at a time.</summary>
internal sealed class RawClient : IDisposable
{
    /// <summary>In ms, of a request and of connecting: a server that does not answer fails a test and does not hang it.</summary>
    private const int Patience = 2_000;

    private Socket socket;
    private readonly List<uint> transactions = [];
    private readonly List<string> events = [];
    private XsFrameReader frames = new();
    private readonly XsFrameBatch batch = new();
    private uint lastId;

    private readonly string path;

    public RawClient(string path)
    {
        this.path = path;
        socket = Connect();
    }

    /// <summary>Asks, and says what came back; what differs from run to run by its nature is left out.</summary>
    public string Ask(StoreStep step)
    {
        var transaction = step.Transaction == 0 ? 0
            : step.Transaction <= transactions.Count ? transactions[^step.Transaction]
            : 0x7FFFFFF0u + (uint)step.Transaction;
        var (type, payload) = Ask(step.Type, transaction, step.Bytes);
        if (type == XsType.TransactionStart)
        {
            transactions.Add(uint.Parse(payload.TrimEnd('\0'), System.Globalization.CultureInfo.InvariantCulture));
            payload = "an id";
        }

        if (type == XsType.DirectoryPart) payload = payload[payload.IndexOf('\0', StringComparison.Ordinal)..];
        if (payload.Length > 60) payload = $"{payload[..60]}… {payload.Length}";
        return $"{type} {payload.Replace('\0', '|')}";
    }

    /// <summary>The events that have come, after a round trip that shows that there are no others under way; sorted.</summary>
    /// <remarks>As a set: the C server drops an event while an identical one waits to be sent (its answer to XSA-326).</remarks>
    public string Events()
    {
        Ask(XsType.GetDomainPath, 0, "0\0"u8.ToArray());
        var all = string.Join(' ', events.Distinct().Order(StringComparer.Ordinal));
        events.Clear();
        return all;
    }

    /// <summary>As it was when it connected.</summary>
    public void Reset()
    {
        Ask(XsType.ResetWatches, 0, [0]);
        transactions.Clear();
        Events();
    }

    public (XsType Type, string Payload) Ask(XsType type, uint transaction, byte[] payload)
    {
        if (payload.Length > XsHeader.MaxPayload) return (XsType.Error, "not sent");
        batch.Clear();
        batch.Add(type, ++lastId, transaction, payload);
        try
        {
            socket.Send(batch.Bytes.Span);
            return Answer();
        }
        catch (SocketException e)
        {
            return Closed(e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock ? "no answer" : "closed");
        }
    }

    private (XsType Type, string Payload) Answer()
    {
        while (true)
        {
            while (frames.TryRead(out var frame))
            {
                var text = Encoding.Latin1.GetString(frame.Payload);
                if (frame.Header.Type == XsType.WatchEvent)
                {
                    events.Add(text.Replace('\0', '|'));
                    continue;
                }

                Assert.Equal(lastId, frame.Header.RequestId);
                return (frame.Header.Type, text);
            }

            var bytes = socket.Receive(frames.GetMemory().Span);
            if (bytes == 0) return Closed("closed");
            frames.Advance(bytes);
        }
    }

    /// <summary>The server did not like what was sent.</summary>
    private (XsType Type, string Payload) Closed(string how)
    {
        socket.Dispose();
        transactions.Clear();
        frames.Dispose();
        frames = new();
        socket = Connect();
        return (XsType.Error, how);
    }

    private Socket Connect()
    {
        var connected = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = Patience, SendTimeout = Patience };
        connected.Connect(new UnixDomainSocketEndPoint(path));
        return connected;
    }

    public void Dispose()
    {
        socket.Dispose();
        frames.Dispose();
        batch.Dispose();
    }
}
