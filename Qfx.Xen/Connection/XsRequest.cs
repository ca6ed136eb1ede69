using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Connection;

/// <summary>One request that waits for its answer. It gets exactly one of the three.</summary>
internal abstract class XsRequest(XsType op)
{
    /// <summary>What is asked; the answer bears the same type, or ERROR.</summary>
    public XsType Op { get; } = op;

    /// <exception cref="XsProtocolException">The payload is no answer to this; whoever waits has been told.</exception>
    public virtual void Answer(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>The server said no.</summary>
    public virtual void Refuse(XsError error)
    {
    }

    /// <summary>There will be no answer.</summary>
    public virtual void Lose(XenstoreConnectionException reason)
    {
    }
}

/// <summary>UNWATCH, and the end of a transaction that is given up: nobody waits, and a refusal means it was gone already.</summary>
internal sealed class XsUnattended(XsType op) : XsRequest(op);

/// <summary>Reads the payload of an answer.</summary>
internal delegate T XsAnswer<out T>(ReadOnlySpan<byte> payload);

/// <summary>A request whose answer somebody awaits, and may stop awaiting.</summary>
/// <param name="op">What is asked.</param>
/// <param name="path">For the message of a refusal.</param>
/// <param name="read">
/// Reads the answer. <see cref="FormatException"/>: it is well-formed but means nothing, and the request fails with EINVAL;
/// <see cref="XsProtocolException"/>: the connection cannot go on.
/// </param>
/// <param name="tooLate">Gets an answer that came after the cancellation: what the server has made must not stay there.</param>
internal sealed class XsCall<T>(XsType op, string? path, XsAnswer<T> read, Action<T>? tooLate = null) : XsRequest(op)
{
    private TaskCompletionSource<T> source = null!;    // from Begin on
    private CancellationTokenRegistration cancellation;

    /// <summary>Ends with the answer.</summary>
    public Task<T> Task => source.Task;

    /// <summary>To be called once, before the request is sent.</summary>
    /// <param name="onReader">Whether continuations may run on the thread that reads the connection.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public void Begin(bool onReader, CancellationToken cancel)
    {
        source = new(onReader ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        if (!cancel.CanBeCanceled) return;
        cancellation = cancel.UnsafeRegister(
            static (call, token) => ((XsCall<T>)call!).source.TrySetCanceled(token), this);
    }

    public override void Answer(ReadOnlySpan<byte> payload)
    {
        cancellation.Unregister();
        T result;
        try
        {
            result = read(payload);
        }
        catch (FormatException)
        {
            Refuse(XsError.EINVAL);
            return;
        }
        catch (Exception e)
        {
            // A mistake of ours included: this request is no longer among those that the end of the connection reaches.
            source.TrySetException(new XenstoreConnectionException($"The answer to {Op} makes no sense.", e));
            throw;
        }

        if (!source.TrySetResult(result)) tooLate?.Invoke(result);
    }

    public override void Refuse(XsError error)
    {
        cancellation.Unregister();
        source.TrySetException(new XenstoreException(Op, path, error));
    }

    public override void Lose(XenstoreConnectionException reason)
    {
        cancellation.Unregister();
        source.TrySetException(reason);
    }
}
