using Qfx.Streams.Domains;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <summary>One virtual pendrive, from its making to its deletion.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Sender">Who asked for it.</param>
/// <param name="Raw">All zeros when it was made, instead of a file system.</param>
/// <param name="Stage">Where it is now.</param>
public sealed record Pendrive(PendriveId Id, DomainIdentity Sender, bool Raw, Stage Stage)
{
    /// <summary>The slot that it fills, or is about to fill or to leave; null while it is at nobody.</summary>
    public Slot? Slot => Stage switch
    {
        Stage.Making or Stage.Plugging or Stage.AtSender or Stage.Asking { Detached: false } or Stage.LeavingSender or Stage.Returning
            or Stage.Opening or Stage.Committing or Stage.Stuck =>
            new Slot(Sender, Vdev.Xvdg),
        Stage.Delivering s => new Slot(s.To.Identity, Vdev.Xvdh),
        Stage.AtReceiver s => new Slot(s.To.Identity, Vdev.Xvdh),
        Stage.LeavingReceiver s => new Slot(s.To.Identity, Vdev.Xvdh),
        Stage.Recalled s => new Slot(s.To.Identity, Vdev.Xvdh),
        Stage.Discarding s => s.At,
        Stage.Quarantined s => s.At,
        _ => null,
    };

    /// <summary>Who was approved, from the question on until the receiver has it. No receiver while the person is still to choose.</summary>
    public (int N, Party From, Party? To)? Approval => Stage switch
    {
        Stage.Asking s => (s.N, s.From, (s.For as AskedFor.Copy)?.To),
        Stage.LeavingSender s => (s.N, s.From, s.To),
        Stage.Waiting s => (s.N, s.From, s.To),
        Stage.Resuming s => (s.N, s.From, s.To),
        Stage.Delivering s => (s.N, s.From, s.To),
        _ => null,
    };

    /// <summary>Whom it concerns, each once: who asked for it, who has it or is to have it, who was approved.</summary>
    public IEnumerable<DomainIdentity> Parties
    {
        get
        {
            yield return Sender;
            var holder = Slot?.Vm ?? Sender;
            if (holder != Sender) yield return holder;
            if (Approval is not var (_, from, to)) yield break;
            if (from.Identity != Sender && from.Identity != holder) yield return from.Identity;
            if (to is not null && to.Identity != Sender && to.Identity != holder && to.Identity != from.Identity) yield return to.Identity;
        }
    }
}
