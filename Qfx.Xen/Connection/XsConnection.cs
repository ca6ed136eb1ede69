using System.Buffers.Text;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Connection;

/// <summary>Where requests about nodes go: a connection, or whatever connection a client has at the moment.</summary>
internal interface IXsAsk
{
    /// <exception cref="ArgumentException">The payload is too long; nothing was sent.</exception>
    Task<T> Ask<T>(XsCall<T> call, uint transaction, string text, ReadOnlySpan<byte> rest, CancellationToken cancel);
}

/// <summary>Gets what a connection brings without having been asked. Called by the thread that reads: nobody waits there.</summary>
internal interface IXsConnectionOwner
{
    /// <param name="token">As it was registered.</param>
    /// <param name="path">The node, spelled as the watch was.</param>
    /// <param name="here">Whether subscribers may be told by this thread.</param>
    void OnEvent(ulong token, ReadOnlySpan<byte> path, bool here);

    /// <summary>The connection has ended; every request is told right after. Called once.</summary>
    void OnEnded(XsConnection connection, XenstoreConnectionException reason);
}

/// <summary>One connection, from its first byte to its last: requests in flight, and how they go out and come back.</summary>
internal sealed partial class XsConnection : IXsAsk, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Stream stream;
    private readonly IXsConnectionOwner owner;
    private readonly int maxPayload;
    private readonly bool onReader;
    private readonly CancellationTokenSource stop = new();

    // Under the gate: requests gather in one batch while the other is being written.
    private XsFrameBatch outgoing = new();
    private XsFrameBatch spare = new();
    private bool sending;
    private bool answering;
    private XenstoreConnectionException? closed;
    private Task reading = Task.CompletedTask;

    /// <param name="stream">Goes both ways; disposed with the connection.</param>
    /// <param name="owner">Gets the events, once <see cref="Start"/> was called.</param>
    public XsConnection(Stream stream, IXsConnectionOwner owner)
    {
        this.stream = stream;
        this.owner = owner;
        maxPayload = stream is XenbusDevice ? XenbusDevice.MaxPayload : XsHeader.MaxPayload;
        onReader = stream is HeldSocket;
    }

    /// <summary>The server has sent something.</summary>
    public bool HasRead { get; private set; }

    /// <summary>Begins to read.</summary>
    public void Start() => reading = onReader
        ? Task.Factory.StartNew(ReadAllAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()
        : Task.Run(ReadAllAsync);

    /// <summary>Ends it, and tells everybody who waits.</summary>
    public async ValueTask DisposeAsync()
    {
        Close("The client was disposed.", null);
        await reading.ConfigureAwait(false);
    }

    /// <summary>Ends the connection, for the first reason that is given; the reader tells everybody.</summary>
    public void Close(string why, Exception? inner)
    {
        lock (gate) closed ??= new(inner is null ? why : $"{why} {inner.Message}", inner);
        stop.Cancel();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            using var frames = new XsFrameReader();
            while (true)
            {
                var bytes = await stream.ReadAsync(frames.GetMemory(), stop.Token).ConfigureAwait(false);
                if (bytes == 0)
                {
                    Close(frames.IsEmpty ? "xenstored closed the connection." : "The connection broke off within a message.", null);
                    break;
                }

                frames.Advance(bytes);
                TakeAll(frames);
                if (onReader && outstanding.Count > 1) Thread.Yield();
            }
        }
        catch (Exception e)
        {
            // Whatever it is, a mistake of ours included: it goes to everybody who waits, and to all who ask from now on.
            Close("The connection to xenstored cannot go on.", e);
        }

        await FinishAsync().ConfigureAwait(false);
    }

    private void TakeAll(XsFrameReader frames)
    {
        if (onReader) Gather();
        while (frames.TryRead(out var frame))
        {
            HasRead = true;
            if (frame.Header.Type == XsType.WatchEvent)
            {
                Deliver(frame.Payload);
            }
            else
            {
                Answer(frame);
            }
        }

        if (onReader) SendGathered();
    }

    /// <summary>What is asked for while answers are given, mostly because of them, leaves together.</summary>
    private void Gather()
    {
        lock (gate) answering = true;
    }

    private void SendGathered()
    {
        lock (gate)
        {
            answering = false;
            if (sending || outgoing.IsEmpty) return;
            sending = true;
        }

        _ = SendAllAsync();
    }

    /// <summary>The write starts on another thread, so what the caller asks next can still leave with it.</summary>
    private void StartSending() => ThreadPool.UnsafeQueueUserWorkItem(static client => _ = client.SendAllAsync(), this, preferLocal: false);

    private async Task SendAllAsync()
    {
        try
        {
            while (TakeOutgoing() is { } batch) await SendAsync(batch.Bytes).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // As when reading. The batch being sent is left to the garbage collector: a write may still look at it.
            Close("The connection to xenstored broke while sending.", e);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            try
            {
                await stream.WriteAsync(frames, stop.Token).ConfigureAwait(false);
                return;
            }
            catch (XenbusRefusedException e)
            {
                Refuse(e.RequestId, e.Error);
                frames = frames[e.Taken..];
            }
        }
    }

    /// <summary>What has gathered; null, and the end of sending, if that is nothing.</summary>
    private XsFrameBatch? TakeOutgoing()
    {
        lock (gate)
        {
            spare.Clear();
            if (closed is not null || outgoing.IsEmpty)
            {
                sending = false;
                if (closed is not null) spare.Dispose();
                return null;
            }

            (outgoing, spare) = (spare, outgoing);
            return spare;
        }
    }

    /// <summary>Tells everybody who waits that it is over, and lets go of the stream and the buffers.</summary>
    private async ValueTask FinishAsync()
    {
        XenstoreConnectionException reason;
        XsRequest[] lost;
        lock (gate)
        {
            reason = closed!;
            lost = [.. outstanding.Values];
            outstanding.Clear();
            outgoing.Dispose();
            if (!sending) spare.Dispose();
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        try
        {
            owner.OnEnded(this, reason);    // first: whoever is told that a request is lost may look at the client's state
        }
        finally
        {
            foreach (var request in lost) request.Lose(reason);
        }
    }

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        var path = XsPayload.Next(ref payload);
        var token = XsPayload.Next(ref payload);
        if (Utf8Parser.TryParse(token, out ulong number, out var used) && used == token.Length) owner.OnEvent(number, path, onReader);
    }
}
