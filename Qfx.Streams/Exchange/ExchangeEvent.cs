using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>What has happened, to which the rules answer with commands: a closed set.</summary>
public abstract partial record ExchangeEvent
{
    private ExchangeEvent()
    {
    }

    /// <summary>A domain runs.</summary>
    public sealed record DomainAppeared(DomainIdentity Domain) : ExchangeEvent;

    /// <summary>It is dead.</summary>
    public sealed record DomainGone(DomainIdentity Domain) : ExchangeEvent;

    /// <summary>A name means this domain from now on, and no other.</summary>
    public sealed record NameBound(VmName Name, Domid Domid) : ExchangeEvent;

    /// <summary>A name means nobody: nobody bears it, or two do.</summary>
    public sealed record NameFreed(VmName Name) : ExchangeEvent;

    /// <summary>What a domain's request key brought.</summary>
    public sealed record Qpen(QpenEvent What) : ExchangeEvent;

    /// <summary>Make is done.</summary>
    public sealed record Made(PendriveId Id) : ExchangeEvent;

    /// <summary>Make is over; nothing was left behind.</summary>
    public sealed record MakeFailed(PendriveId Id, Failure Failure) : ExchangeEvent;

    /// <summary>Attach is done: the VM has the disk.</summary>
    public sealed record Attached(PendriveId Id) : ExchangeEvent;

    /// <summary>Attach is over.</summary>
    /// <param name="Id">Of which pendrive.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="Exposed">The VM may have seen the disk, and nodes may be left: it must be detached.</param>
    public sealed record AttachFailed(PendriveId Id, Failure Failure, bool Exposed) : ExchangeEvent;

    /// <summary>Detach is done: nobody has the disk.</summary>
    /// <param name="Id">Of which pendrive.</param>
    /// <param name="Written">Bytes that were written on it, where that is known.</param>
    public sealed record Detached(PendriveId Id, long? Written = null) : ExchangeEvent;

    /// <summary>Detach is over; the VM may still have the disk.</summary>
    public sealed record DetachFailed(PendriveId Id, Failure Failure) : ExchangeEvent;

    /// <summary>Announce is done.</summary>
    public sealed record Announced(PendriveId Id) : ExchangeEvent;

    /// <summary>Announce is over; nothing was written.</summary>
    public sealed record AnnounceFailed(PendriveId Id, Failure Failure) : ExchangeEvent;

    /// <summary>Delete is done.</summary>
    public sealed record Deleted(PendriveId Id) : ExchangeEvent;

    /// <summary>Delete is over; the file may still be there.</summary>
    public sealed record DeleteFailed(PendriveId Id, Failure Failure) : ExchangeEvent;

    /// <summary>A question is on the screen; again, if it had to be shown again.</summary>
    /// <param name="Question">Which one.</param>
    /// <param name="Written">Bytes on the pendrive that it shows, where that is known.</param>
    public sealed record QuestionShown(QuestionId Question, long? Written = null) : ExchangeEvent;

    /// <summary>The person has answered.</summary>
    /// <param name="Question">Which one.</param>
    /// <param name="Yes">Nothing else is a yes.</param>
    /// <param name="Chosen">Whom the person chose, where there was a choice.</param>
    /// <param name="By">Who and through what, for the journal.</param>
    public sealed record Answered(QuestionId Question, bool Yes, VmName? Chosen = null, string By = "person") : ExchangeEvent;

    /// <summary>A question could not be put.</summary>
    public sealed record AskFailed(QuestionId Question, Failure Failure) : ExchangeEvent;

    /// <summary>A timer of the rules has run out.</summary>
    public sealed record TimeUp(TimerId Timer) : ExchangeEvent;
}
