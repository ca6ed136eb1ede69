using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>One client of a <see cref="RingBridge"/>: its socket, and what it holds in the domain's name.</summary>
internal sealed class RingClient(int number, Socket socket, RingBridge bridge) : IDisposable
{
    private readonly Channel<byte[]> outgoing = Channel.CreateUnbounded<byte[]>();
    private readonly HashSet<uint> transactions = [];
    private readonly HashSet<(string Path, string Token)> watches = [];

    public int Number => number;

    public void Start(CancellationToken cancel)
    {
        _ = ReadAllAsync(cancel);
        _ = SendAllAsync();
    }

    /// <summary>Under the bridge's gate.</summary>
    public void Answer(XsHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type == XsType.TransactionStart) transactions.Add(uint.Parse(XsPayload.Text(payload), CultureInfo.InvariantCulture));
        Put(header, payload);
    }

    /// <summary>Under the bridge's gate.</summary>
    public void Event(byte[] path, string token) =>
        Put(new(XsType.WatchEvent, 0, 0, 0), [.. path, 0, .. Encoding.Latin1.GetBytes(token), 0]);

    public void Dispose()
    {
        outgoing.Writer.TryComplete();
        socket.Dispose();
    }

    private async Task ReadAllAsync(CancellationToken cancel)
    {
        try
        {
            using var frames = new XsFrameReader();
            while (await socket.ReceiveAsync(frames.GetMemory(), cancel) is > 0 and var bytes)
            {
                frames.Advance(bytes);
                PassOn(frames);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone, or the domain is.
        }

        Leave();
        bridge.Forget(this);
        Dispose();
    }

    private void PassOn(XsFrameReader frames)
    {
        while (frames.TryRead(out var frame))
        {
            var payload = frame.Payload;
            switch (frame.Header.Type)
            {
                case XsType.Watch or XsType.Unwatch:
                    var rest = payload;
                    var path = Encoding.Latin1.GetString(XsPayload.Next(ref rest));
                    var token = XsPayload.Text(rest);
                    if (frame.Header.Type == XsType.Watch) watches.Add((path, token));
                    else watches.Remove((path, token));
                    payload = Watch(path, token);
                    break;
                case XsType.TransactionEnd:
                    transactions.Remove(frame.Header.TransactionId);
                    break;
            }

            bridge.Send(this, frame.Header, payload);
        }
    }

    private void Leave()
    {
        foreach (var (path, token) in watches) bridge.Send(this, new(XsType.Unwatch, 0, 0, 0), Watch(path, token));
        foreach (var transaction in transactions) bridge.Send(this, new(XsType.TransactionEnd, 0, transaction, 0), "F\0"u8);
    }

    private byte[] Watch(string path, string token) => Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{path}\0{number}:{token}\0"));

    private void Put(XsHeader header, ReadOnlySpan<byte> payload)
    {
        var message = new byte[XsHeader.Size + payload.Length];
        (header with { Length = payload.Length }).Write(message);
        payload.CopyTo(message.AsSpan(XsHeader.Size));
        outgoing.Writer.TryWrite(message);
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync()) await socket.SendAsync(message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone.
        }
    }
}
