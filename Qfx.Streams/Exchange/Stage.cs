namespace Qfx.Streams.Exchange;

/// <summary>Where a pendrive is in its life: a closed set. docs/protocol.md, "A pendrive's life".</summary>
/// <remarks>N is the number of the sender's request that the stage answers to, where there is one.</remarks>
public abstract partial record Stage
{
    private Stage()
    {
    }

    /// <summary>The image is being made.</summary>
    /// <param name="N">Of <c>new</c>.</param>
    /// <param name="CancelledBy">The number of a <c>cancel</c> that came meanwhile.</param>
    public sealed record Making(int N, int? CancelledBy) : Stage;

    /// <summary>It is being attached to its sender.</summary>
    /// <param name="N">Of <c>new</c>.</param>
    /// <param name="CancelledBy">The number of a <c>cancel</c> that came meanwhile.</param>
    public sealed record Plugging(int N, int? CancelledBy) : Stage;

    /// <summary>The sender has it.</summary>
    public sealed record AtSender : Stage;

    /// <summary>The sender has it, and the person is asked whether it may go.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="Question">Which question.</param>
    /// <param name="From">The sender, as the question shows it.</param>
    /// <param name="For">What is to be allowed.</param>
    public sealed record Asking(int N, QuestionId Question, Party From, AskedFor For) : Stage
    {
        /// <summary>The line that has the person asked.</summary>
        public string Rule { get; init; } = "-";

        /// <summary>When it was asked for: see <see cref="ExchangeState.Now"/>.</summary>
        public TimeSpan Since { get; init; }

        /// <summary>It is on the screen, or was.</summary>
        public bool Shown { get; init; }

        /// <summary>Bytes on it as the question shows it, where that is known.</summary>
        public long? Written { get; init; }

        /// <summary>It is at nobody: this is the second question, because more was written than the first one showed.</summary>
        public bool Detached { get; init; }
    }

    /// <summary>It may go; it is being detached from the sender.</summary>
    public sealed record LeavingSender(int N, Party From, Party To) : Stage
    {
        /// <summary>Bytes on it as the person saw; null where nobody was asked.</summary>
        public long? Written { get; init; }

        /// <summary>The line that allowed it, or had the person asked.</summary>
        public string Rule { get; init; } = "-";
    }

    /// <summary>At nobody: the receiver still has another one.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="From">The sender that was approved.</param>
    /// <param name="To">The receiver that was approved.</param>
    /// <param name="Place">Who waits for the same receiver is served in this order.</param>
    public sealed record Waiting(int N, Party From, Party To, long Place) : Stage;

    /// <summary>At nobody: an earlier run had detached it. It goes on when both are seen.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="From">The sender that was approved.</param>
    /// <param name="To">The receiver that was approved.</param>
    public sealed record Resuming(int N, Party From, Party To) : Stage;

    /// <summary>The receiver is told whose it is, and then it is attached there.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="From">The sender that was approved.</param>
    /// <param name="To">The receiver that was approved.</param>
    /// <param name="Attaching">The receiver's keys are written.</param>
    /// <param name="Umount">An <c>umount</c> that came before the attach was known to be over.</param>
    public sealed record Delivering(int N, Party From, Party To, bool Attaching, UmountCame? Umount) : Stage;

    /// <summary>The receiver never had it: it is being attached to its sender again.</summary>
    /// <param name="N">Of <c>send</c>.</param>
    /// <param name="Why">Why the receiver did not get it.</param>
    public sealed record Returning(int N, Failure Why) : Stage
    {
        /// <summary>Because the person, asked again, did not say yes: the sender hears that.</summary>
        public bool Asked { get; init; }
    }

    /// <summary>The receiver has it.</summary>
    public sealed record AtReceiver(int N, Party To) : Stage;

    /// <summary>The receiver is done; it is being detached.</summary>
    public sealed record LeavingReceiver(Party To, UmountCame Umount) : Stage;

    /// <summary>Nobody is to have it any more: it is being detached, to be deleted then.</summary>
    /// <param name="At">Where it is plugged.</param>
    /// <param name="HolderDead">The VM was dead when the detach began.</param>
    /// <param name="CancelledBy">The number of the <c>cancel</c> that is to be answered then.</param>
    public sealed record Discarding(Slot At, bool HolderDead, int? CancelledBy) : Stage;

    /// <summary>At nobody; the image is being deleted.</summary>
    public sealed record Deleting : Stage;

    /// <summary>The VM did not let go. The image is kept, for nobody, until that VM is gone.</summary>
    public sealed record Quarantined(Slot At) : Stage;
}

/// <summary>The receiver's word that it is done.</summary>
/// <param name="N">The number of its request.</param>
/// <param name="Received">Whether everything was taken; null where it did not say.</param>
public sealed record UmountCame(int N, bool? Received);
