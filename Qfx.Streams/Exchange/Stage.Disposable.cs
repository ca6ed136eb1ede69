namespace Qfx.Streams.Exchange;

/// <content>On the way to a disposable VM, and back.</content>
public abstract partial record Stage
{
    /// <summary>The sender has it, and a disposable VM is being made to open it.</summary>
    /// <param name="N">Of <c>send disposable</c>.</param>
    /// <param name="Dvm">Which one.</param>
    public sealed record Opening(int N, DvmId Dvm) : Stage;

    /// <summary>A disposable VM has sent it as its reply; before it leaves, that is written to disk.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="From">The disposable VM.</param>
    /// <param name="To">Its requester.</param>
    public sealed record Committing(int N, Party From, Party To) : Stage;

    /// <summary>The disposable VM does not let go of its reply. It is being destroyed; then the reply goes on.</summary>
    public sealed record Stuck(int N, Party From, Party To) : Stage;

    /// <summary>A reply could not be attached to its requester, which may have seen it: it is detached, to be tried again.</summary>
    public sealed record Recalled(int N, Party From, Party To) : Stage;
}
