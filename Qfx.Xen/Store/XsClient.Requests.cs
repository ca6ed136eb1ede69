using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

public sealed partial class XsClient
{
    // All under the gate. A request stays in the table until it is answered, cancelled or not: its id is not free before.
    private readonly Dictionary<uint, XsRequest> outstanding = [];
    private readonly Queue<uint> watchRequests = new();
    private uint lastRequest;

    /// <summary>Sends a request whose payload is <paramref name="text"/>, a NUL, and <paramref name="rest"/>.</summary>
    /// <exception cref="ArgumentException">The payload is too long; nothing was sent.</exception>
    internal Task<T> Ask<T>(XsCall<T> call, uint transaction, string text, ReadOnlySpan<byte> rest, CancellationToken cancel)
    {
        var length = XsFrameBatch.PayloadLength(text, rest);
        if (length > maxPayload)
        {
            throw new ArgumentException($"{call.Op}: the request has {length} bytes of payload, {maxPayload} are allowed.");
        }

        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        call.CancelWith(cancel);
        XenstoreConnectionException? lost;
        lock (gate)
        {
            lost = closed;
            if (lost is null) Send(call, transaction, text, rest);
        }

        if (lost is not null) call.Lose(lost);
        return call.Task;
    }

    /// <summary>Under the gate, while the connection is not closed.</summary>
    private void Send(XsRequest request, uint transaction, string text, ReadOnlySpan<byte> rest)
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

        StartSending();
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
