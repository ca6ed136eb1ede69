using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Connection;

/// <content>What is asked, and what comes back.</content>
internal sealed partial class XsConnection
{
    // All under the gate. A request stays in the table until it is answered, cancelled or not: its id is not free before.
    private readonly Dictionary<uint, XsRequest> outstanding = [];
    private readonly Queue<uint> watchRequests = new();
    private uint lastRequest;

    /// <summary>Requests in flight.</summary>
    public int Outstanding
    {
        get
        {
            lock (gate) return outstanding.Count;
        }
    }

    /// <summary>Sends a request whose payload is <paramref name="text"/>, a NUL, and <paramref name="rest"/>.</summary>
    /// <exception cref="ArgumentException">The payload is too long; nothing was sent.</exception>
    public Task<T> Ask<T>(XsCall<T> call, uint transaction, string text, ReadOnlySpan<byte> rest, CancellationToken cancel)
    {
        var length = XsFrameBatch.PayloadLength(text, rest);
        if (length > maxPayload)
        {
            throw new ArgumentException($"{call.Op}: the request has {length} bytes of payload, {maxPayload} are allowed.");
        }

        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        call.Begin(onReader, cancel);
        XenstoreConnectionException? lost;
        var idle = false;
        try
        {
            lock (gate)
            {
                lost = closed;
                if (lost is null) idle = Send(call, transaction, text, rest);
            }
        }
        catch (ArgumentException e)
        {
            call.Lose(new(e.Message, e));    // not ASCII: it lets go of the caller's token
            throw;
        }

        if (lost is not null) call.Lose(lost);
        else if (idle) _ = SendAllAsync();
        return call.Task;
    }

    /// <summary>Sends a request that nobody awaits: it gets its answer, or is lost with the connection. Nothing is sent on a closed one.</summary>
    public void Tell(XsRequest request, uint transaction, string text, ReadOnlySpan<byte> rest)
    {
        var idle = false;
        lock (gate)
        {
            if (closed is null) idle = Send(request, transaction, text, rest);
        }

        if (idle) _ = SendAllAsync();
    }

    /// <summary>Under the gate, while the connection is not closed.</summary>
    /// <returns>
    /// The caller is to send it itself, outside of the gate: nothing is in flight, so a way over another thread would only cost
    /// time. Requests that follow while it is in flight gather.
    /// </returns>
    private bool Send(XsRequest request, uint transaction, string text, ReadOnlySpan<byte> rest)
    {
        uint id;
        do
        {
            id = unchecked(++lastRequest);
        }
        while (id == 0 || outstanding.ContainsKey(id));

        outgoing.Add(request.Op, id, transaction, text, rest);
        outstanding.Add(id, request);
        if (stream is XenbusDevice && request.Op is XsType.Watch or XsType.Unwatch)
        {
            while (watchRequests.TryPeek(out var oldest) && !outstanding.ContainsKey(oldest)) watchRequests.Dequeue();
            watchRequests.Enqueue(id);
        }

        if (sending || answering) return false;
        sending = true;
        if (outstanding.Count == 1 && stream is not XenbusDevice) return true;
        StartSending();
        return false;
    }

    private void Answer(XsFrame frame)
    {
        var (type, id) = (frame.Header.Type, frame.Header.RequestId);
        if (type == XsType.Error)
        {
            Refuse(id, XsPayload.Error(frame.Payload));
            return;
        }

        var request = Take(id, type) ?? throw new XsProtocolException($"an answer of type {(uint)type} to request {id}, where none is awaited");
        request.Answer(frame.Payload);
    }

    private void Refuse(uint id, XsError error)
    {
        var request = Take(id, XsType.Error) ?? throw new XsProtocolException($"{error} for request {id}, which is not awaited");
        request.Refuse(error);
    }

    /// <summary>The request that an answer belongs to, which is no longer outstanding then; null if there is none of its type.</summary>
    private XsRequest? Take(uint id, XsType type)
    {
        lock (gate)
        {
            if (id == 0 && type is XsType.Watch or XsType.Unwatch)
            {
                // Linux's device answers these two itself, in order, without the id (xenbus_dev_frontend.c, xenbus_write_watch).
                while (watchRequests.TryDequeue(out id) && !outstanding.ContainsKey(id))
                {
                }
            }

            if (!outstanding.TryGetValue(id, out var request) || (type != XsType.Error && type != request.Op)) return null;
            outstanding.Remove(id);
            return request;
        }
    }
}
