using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>What the rules want done: a closed set.</summary>
public abstract partial record ExchangeCommand
{
    private ExchangeCommand()
    {
    }

    /// <summary>A command that is carried out at the edge, and ends with its outcome.</summary>
    /// <param name="Lane">What it must not overtake.</param>
    /// <param name="Limit">How long it may take once it has begun; null where a timer of the rules bounds it.</param>
    public abstract record Effect(Lane Lane, TimeSpan? Limit) : ExchangeCommand
    {
        /// <summary>Its outcome when it was called off, or took too long; null where nobody waits for one.</summary>
        public abstract ExchangeEvent? Fail(Failure failure);
    }

    /// <summary>Make the image of a pendrive. Ends with Made or MakeFailed.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="LabelOf">The volume's label is made of this name; null for a raw one, all zeros.</param>
    /// <param name="MiB">Its size.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Make(PendriveId Id, VmName? LabelOf, int MiB, TimeSpan? Limit) : Effect(new Lane.Image(Id), Limit)
    {
        /// <summary>Who asked for it.</summary>
        public DomainIdentity Sender { get; init; }

        /// <inheritdoc/>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.MakeFailed(Id, failure);
    }

    /// <summary>Attach it. Ends with Attached or AttachFailed.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="At">Where.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Attach(PendriveId Id, Slot At, TimeSpan? Limit) : Effect(new Lane.Devices(At.Vm.Domid), Limit)
    {
        /// <summary>How far an attach got that was broken off nobody knows: the VM may have seen the disk.</summary>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.AttachFailed(Id, failure, Exposed: true);
    }

    /// <summary>Detach it, until the backend is Closed and our own handle is released. Ends with Detached or DetachFailed.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="At">Where it is.</param>
    /// <param name="HolderDead">The VM is gone: there is nobody to let go of it, only nodes to remove.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Detach(PendriveId Id, Slot At, bool HolderDead, TimeSpan? Limit) : Effect(new Lane.Devices(At.Vm.Domid), Limit)
    {
        /// <summary>Written down first, so that it holds after a restart; null: what was written down is taken back first.</summary>
        public Approval? Approved { get; init; }

        /// <inheritdoc/>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.DetachFailed(Id, failure);
    }

    /// <summary>Tell the receiver whose pendrive comes, in one transaction that checks that it is the receiver. Ends with Announced or AnnounceFailed.</summary>
    /// <param name="Id">Which one.</param>
    /// <param name="To">Who was approved.</param>
    /// <param name="From">The sender's name.</param>
    /// <param name="Seq">0 for a plain copy.</param>
    /// <param name="Kind">What is on it: <c>vfat</c>, <c>archive</c>, <c>request</c>, <c>view</c> or <c>reply</c>.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record Announce(PendriveId Id, DomainIdentity To, VmName From, int Seq, string Kind, TimeSpan? Limit)
        : Effect(new Lane.Devices(To.Domid), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.AnnounceFailed(Id, failure);
    }

    /// <summary>Delete the image. Ends with Deleted or DeleteFailed.</summary>
    public sealed record Delete(PendriveId Id, TimeSpan? Limit) : Effect(new Lane.Image(Id), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.DeleteFailed(Id, failure);
    }

    /// <summary>Ask the person. Ends with Answered or AskFailed; QuestionShown comes when it is on the screen.</summary>
    /// <param name="Question">Which question.</param>
    /// <param name="From">Who sends.</param>
    /// <param name="To">Who is to receive; nobody (a default value) where the person chooses, and for a disposable VM.</param>
    /// <param name="ReceiverBusy">The receiver has another pendrive: this one would wait.</param>
    public sealed record Ask(QuestionId Question, VmName From, VmName To, bool ReceiverBusy) : Effect(new Lane.Dialog(), null)
    {
        /// <summary>Which pendrive: what was written on it is shown.</summary>
        public PendriveId? Pendrive { get; init; }

        /// <summary>What is asked for.</summary>
        public Policy.PolicyService Service { get; init; }

        /// <summary>Whom the person can choose; empty where the receiver is named.</summary>
        public ImmutableArray<VmName> Choices { get; init; } = [];

        /// <summary>One of them.</summary>
        public VmName? Suggested { get; init; }

        /// <summary>The person has said yes already, but more was written since.</summary>
        public bool Again { get; init; }

        /// <summary>The sender's label, where it has one.</summary>
        public string? Label { get; init; }

        /// <inheritdoc/>
        public override ExchangeEvent Fail(Failure failure) => new ExchangeEvent.AskFailed(Question, failure);
    }

    /// <summary>Write a domain's status key, unless it is another domain by now.</summary>
    /// <param name="To">Whose key.</param>
    /// <param name="Status">What to write.</param>
    /// <param name="Limit">Bound on the time.</param>
    public sealed record WriteStatus(DomainIdentity To, Status Status, TimeSpan? Limit) : Effect(new Lane.StatusKey(To.Domid), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>
    /// Have the kernel of a VM that was restored let go of a disk that ended with the life before: it keeps it, dead, and sees no new one in its place. Nobody waits for an outcome.
    /// </summary>
    public sealed record DropDeadDisk(Slot At, TimeSpan? Limit) : Effect(new Lane.Devices(At.Vm.Domid), Limit)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>One line for the journal: the truth, whatever the guest was told.</summary>
    public sealed record Record(Report Report) : Effect(new Lane.Journal(), null)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }

    /// <summary>An effect is not wanted any more: it ends early, with its outcome for <see cref="Failure.Interrupted"/> unless it is over.</summary>
    /// <param name="Lane">Where it runs, or waits.</param>
    public abstract record CallOff(Lane Lane) : ExchangeCommand
    {
        /// <summary>Whether this is the one.</summary>
        public abstract bool Means(Effect effect);
    }

    /// <summary>The question leaves the screen, or is never shown.</summary>
    public sealed record CallOffQuestion(QuestionId Question) : CallOff(new Lane.Dialog())
    {
        /// <inheritdoc/>
        public override bool Means(Effect effect) => effect is Ask ask && ask.Question == Question;
    }

    /// <summary>The attach is broken off.</summary>
    public sealed record CallOffAttach(PendriveId Id, Slot At) : CallOff(new Lane.Devices(At.Vm.Domid))
    {
        /// <inheritdoc/>
        public override bool Means(Effect effect) => effect is Attach attach && attach.Id == Id;
    }

    /// <summary>Bring TimeUp after so long, unless called off; again from the start if it runs.</summary>
    public sealed record StartTimer(TimerId Timer, TimeSpan After) : ExchangeCommand;

    /// <summary>No TimeUp of this timer any more.</summary>
    public sealed record StopTimer(TimerId Timer) : ExchangeCommand;
}

/// <summary>What a timer is about.</summary>
public abstract partial record TimerId
{
    private TimerId()
    {
    }

    /// <summary>A question is open for too long.</summary>
    public sealed record Question(QuestionId Id) : TimerId;

    /// <summary>A pendrive waits for its receiver for too long.</summary>
    public sealed record Waiting(PendriveId Id) : TimerId;

    /// <summary>What a dead VM had could not be detached: it is tried again.</summary>
    public sealed record Held(PendriveId Id) : TimerId;
}
