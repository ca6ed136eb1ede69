using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

public sealed partial class XsClient
{
    private readonly CancellationTokenSource stop = new();

    // Under the gate: requests gather in one batch while the other is being written.
    private XsFrameBatch outgoing = new();
    private XsFrameBatch spare = new();
    private bool sending;
    private XenstoreConnectionException? closed;

    /// <summary>Ends the connection, for the first reason that is given; the reader tells everybody.</summary>
    private void Close(string why, Exception? inner)
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
        while (frames.TryRead(out var frame))
        {
            if (frame.Header.Type == XsType.WatchEvent)
            {
                Deliver(frame.Payload);
            }
            else
            {
                Answer(frame);
            }
        }
    }

    /// <summary>Under the gate. The write starts on another thread, so what the caller asks next can still leave with it.</summary>
    private void StartSending()
    {
        if (sending) return;
        sending = true;
        ThreadPool.UnsafeQueueUserWorkItem(static client => _ = client.SendAllAsync(), this, preferLocal: false);
    }

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
        WatchSubscription[] ended;
        lock (gate)
        {
            reason = closed!;
            lost = [.. outstanding.Values];
            ended = [.. watches.Values];
            outstanding.Clear();
            watches.Clear();
            outgoing.Dispose();
            if (!sending) spare.Dispose();
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        foreach (var request in lost) request.Lose(reason);
        List<Exception>? thrown = null;
        foreach (var watch in ended)
        {
            try
            {
                watch.Observer.OnError(reason);
            }
            catch (Exception e)
            {
                // A subscriber without an error handler throws here. The others are told all the same, and DisposeAsync says it.
                (thrown ??= []).Add(e);
            }
        }

        if (thrown is not null) throw new AggregateException("Subscribers threw when told that the connection has ended.", thrown);
    }
}
