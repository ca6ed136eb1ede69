using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>What the person is told without being asked.</content>
public abstract partial record ExchangeCommand
{
    /// <summary>Tell the person. Nobody waits for an outcome: a notice that cannot be shown fails nothing.</summary>
    /// <param name="Kind">What it says; the edge has the words. Never a guest's text.</param>
    /// <param name="About">The VM that asked, or that it happened to.</param>
    /// <param name="Other">The other VM, where there is one.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Notify(NoticeKind Kind, VmName? About, VmName? Other, TimeSpan? Limit) : Effect(new Lane.Notices(), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }
}

/// <summary>What a notice can say: a closed set.</summary>
public enum NoticeKind
{
    /// <summary>The savefile of disposable VMs is made anew, which takes minutes.</summary>
    SavefileUpdating,

    /// <summary>It could not be made.</summary>
    SavefileUpdateFailed,

    /// <summary>Not enough memory for a disposable VM: end a VM and try again.</summary>
    NotEnoughMemory,

    /// <summary>A file could not be opened in a disposable VM; About asked for it.</summary>
    DisposableFailed,

    /// <summary>A disposable VM ended without giving back what About may have expected.</summary>
    DisposableEnded,

    /// <summary>What a disposable VM gives back waits until About is done with its other pendrive.</summary>
    ReplyWaits,

    /// <summary>What a disposable VM wanted to give back to About is lost.</summary>
    ReplyLost,

    /// <summary>Other has the files of About.</summary>
    Sent,

    /// <summary>Other says that it has everything from About.</summary>
    Received,

    /// <summary>Other did not take everything from About, or ended first.</summary>
    NotReceived,

    /// <summary>The files of About wait until Other is done with another pendrive.</summary>
    Waits,

    /// <summary>The files of About did not reach Other.</summary>
    TransferFailed,

    /// <summary>About, or Other if it is named, does not let go of a pendrive.</summary>
    NotLetGo,

    /// <summary>There was no room for a pendrive of About.</summary>
    NoRoom,

    /// <summary>The policy does not let About send to Other.</summary>
    RefusedByPolicy,

    /// <summary>The policy let About send to Other without a question, and says that this is to be told.</summary>
    AllowedByPolicy,

    /// <summary>About wanted to send to Other, which does not run; or to anybody, and nobody runs that it may send to.</summary>
    RefusedNoReceiver,

    /// <summary>Nobody answered the question about About.</summary>
    Unanswered,

    /// <summary>A pendrive has been at About for very long; it came from Other.</summary>
    PendriveForgotten,
}
