using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>Approved and detached: the pendrive waits for a busy receiver, and is handed over.</content>
public static partial class ExchangeRules
{
    private static void OnLeftSender(Turn turn, Pendrive p, Stage.LeavingSender s, long? written)
    {
        if (turn.State.RepliedBy(p.Id) is not null)
        {
            OnReplyLeft(turn, p, s);
        }
        else if (!IsApproved(turn, p, s.From, s.To))
        {
            LoseApproval(turn, p, s.N, s.To);
        }
        else if (s.Written is { } seen && written > seen + turn.Settings.MoreThanSeen)
        {
            AskAgain(turn, p, s);
        }
        else
        {
            HandOver(turn, p, s.N, s.From, s.To);
        }
    }

    /// <summary>At nobody: delivered now, or when the receiver is free.</summary>
    private static void HandOver(Turn turn, Pendrive p, int n, Party from, Party to)
    {
        if (!IsBusy(turn, to))
        {
            Deliver(turn, p, n, from, to);
        }
        else if (turn.State.WaitingFor(to.Identity).Count() >= turn.Settings.WaitingPerReceiver)
        {
            Return(turn, p, n, new(StatusCode.Busy, "too many others wait for this receiver"));
        }
        else
        {
            turn.Put(p, new Stage.Waiting(n, from, to, turn.Number()));
            turn.Do(new ExchangeCommand.StartTimer(new TimerId.Waiting(p.Id), turn.Settings.WaitingLimit));
            TellOfCopy(turn, p, NoticeKind.Waits, from.Name, to.Name);
            turn.Answer(p.Sender, n, StatusCode.Waiting, "the receiver has another pendrive, this one waits", p.Id, to.Name);
        }
    }

    /// <summary>The sender did not let go in time: nobody gets it.</summary>
    private static void OnKeptBySender(Turn turn, Pendrive p, Stage.LeavingSender s, Failure failure)
    {
        if (turn.State.RepliedBy(p.Id) is not null)
        {
            OnReplyKept(turn, p, s, failure);
            return;
        }

        Quarantine(turn, p, new(p.Sender, Vdev.Xvdg));
        TellOfCopy(turn, p, NoticeKind.NotLetGo, s.From.Name, null);
        turn.Answer(p.Sender, s.N, failure.Code, "this VM did not let go of xvdg: unmount it, then cancel and start again", p.Id, s.To.Name,
            journal: $"the sender did not let go of xvdg, its image is kept until it does: {failure.Reason}");
    }

    private static void Deliver(Turn turn, Pendrive p, int n, Party from, Party to)
    {
        turn.Put(p, new Stage.Delivering(n, from, to, Attaching: false, Umount: null));
        var (seq, kind) = turn.State.OpenedBy(p.Id, to)?.For is { } opened ? (opened.Seq, opened.ViewOnly ? "view" : "request")
            : turn.State.RepliedBy(p.Id)?.For is { } answered ? (answered.Seq, "reply")
            : (0, p.Raw ? "archive" : "vfat");
        turn.Do(new ExchangeCommand.Announce(p.Id, to.Identity, from.Name, seq, kind, turn.Settings.EffectLimit));
    }

    /// <summary>
    /// A person's yes holds while both names mean the same domains. What a disposable VM opens was approved by who sends it; what
    /// it gives back only needs who asked for it.
    /// </summary>
    private static bool IsApproved(Turn turn, Pendrive p, Party from, Party to) =>
        turn.State.RepliedBy(p.Id) is not null ? turn.IsAlive(to.Identity)
        : turn.State.OpenedBy(p.Id, to) is { } dvm ? dvm.Stage is DvmStage.Loading && turn.IsAlive(from.Identity) && turn.IsAlive(to.Identity)
        : turn.State.Holds(from) && turn.State.Holds(to);

    private static void OnAnnounced(Turn turn, Pendrive p, Stage.Delivering s)
    {
        if (IsApproved(turn, p, s.From, s.To))
        {
            turn.Put(p, s with { Attaching = true });
            turn.Do(new ExchangeCommand.Attach(p.Id, new(s.To.Identity, Vdev.Xvdh), turn.Settings.EffectLimit));
        }
        else
        {
            LoseApproval(turn, p, s.N, s.To);
            ServeNext(turn, s.To);
        }
    }

    private static void OnDelivered(Turn turn, Pendrive p, Stage.Delivering s)
    {
        if (!turn.IsAlive(s.To.Identity))
        {
            turn.Answer(p.Sender, s.N, StatusCode.Failed, "the receiver ended before it had the pendrive", p.Id, s.To.Name);
            Discard(turn, p, new(s.To.Identity, Vdev.Xvdh));
            return;
        }

        turn.Put(p, new Stage.AtReceiver(s.N, s.To));
        TellOfCopy(turn, p, NoticeKind.Sent, s.From.Name, s.To.Name);
        turn.Answer(p.Sender, s.N, StatusCode.Sent, "the receiver has the pendrive", p.Id, s.To.Name);
        if (s.Umount is { } umount) TakeBack(turn, p, new(s.N, s.To), umount);
    }

    /// <summary>Who never saw the disk leaves it as it was: the sender gets it back. Otherwise it is nobody's any more.</summary>
    private static void OnDeliveryFailed(Turn turn, Pendrive p, Stage.Delivering s, Failure failure, bool exposed)
    {
        if (s.Umount is { } umount)
            turn.Answer(s.To.Identity, umount.N, StatusCode.NoPendrive, "there is no pendrive at xvdh", p.Id);
        if (turn.State.RepliedBy(p.Id) is not null)
        {
            OnReplyNotDelivered(turn, p, s, failure, exposed);
        }
        else if (exposed)
        {
            TellOfCopy(turn, p, NoticeKind.TransferFailed, s.From.Name, s.To.Name);
            turn.Answer(p.Sender, s.N, StatusCode.Failed, "the receiver did not get the pendrive", p.Id, s.To.Name,
                journal: $"the attach to the receiver failed: {failure.Reason}");
            Discard(turn, p, new(s.To.Identity, Vdev.Xvdh));
        }
        else if (IsApproved(turn, p, s.From, s.To))
        {
            Return(turn, p, s.N, failure);
            ServeNext(turn, s.To);
        }
        else
        {
            LoseApproval(turn, p, s.N, s.To);
            ServeNext(turn, s.To);
        }
    }

    private static void OnWaitingTimeUp(Turn turn, PendriveId id)
    {
        if (turn.State.RepliedBy(id) is not null)
        {
            OnReplyTimeUp(turn, id);
            return;
        }

        if (Stands<Stage.Resuming>(turn, id) is var (found, r))
        {
            LoseApproval(turn, found, r.N, r.To);
            return;
        }

        if (Stands<Stage.Waiting>(turn, id) is not var (p, s)) return;
        Delete(turn, p);
        turn.Answer(p.Sender, s.N, StatusCode.TimedOut, "the receiver kept its other pendrive for too long", p.Id, s.To.Name);
    }

    private static void EndWaiting(Turn turn, Pendrive p, int n, Party to)
    {
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Waiting(p.Id)));
        LoseApproval(turn, p, n, to);
    }

    /// <summary>The slot at the receiver has become free: who has waited longest comes next.</summary>
    private static void ServeNext(Turn turn, Party receiver)
    {
        if (IsBusy(turn, receiver) || !turn.IsAlive(receiver.Identity) || turn.State.WaitingFor(receiver.Identity).FirstOrDefault() is not { } next) return;
        var s = (Stage.Waiting)next.Stage;
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Waiting(next.Id)));
        Deliver(turn, next, s.N, s.From, s.To);
    }

    /// <summary>Detached, and one of the two is no longer who was approved.</summary>
    private static void LoseApproval(Turn turn, Pendrive p, int n, Party to)
    {
        Delete(turn, p);
        if (turn.State.PartyOf(p.Sender) is { } sender) TellOfCopy(turn, p, NoticeKind.TransferFailed, sender.Name, to.Name);
        turn.Answer(p.Sender, n, StatusCode.Failed, "the sender or the receiver ended or changed its name: send the files again", p.Id, to.Name);
    }

    private static void Return(Turn turn, Pendrive p, int n, Failure why, bool asked = false)
    {
        if (turn.State.In(new(p.Sender, Vdev.Xvdg)) is { } another && another.Id != p.Id)
        {
            Delete(turn, p);
            if (asked) turn.Answer(p.Sender, n, why.Code, why.Reason, p.Id);
            else turn.Answer(p.Sender, n, StatusCode.Failed, "the receiver did not get the pendrive: send the files again", p.Id, journal: why.Reason);
            return;
        }

        turn.Put(p, new Stage.Returning(n, why) { Asked = asked });
        AttachToSender(turn, p);
    }

    private static void OnReturned(Turn turn, Pendrive p, Stage.Returning s)
    {
        if (!turn.IsAlive(p.Sender))
        {
            Discard(turn, p, new(p.Sender, Vdev.Xvdg));
            return;
        }

        turn.Put(p, new Stage.AtSender());
        if (s.Asked)
        {
            turn.Answer(p.Sender, s.N, s.Why.Code, $"{s.Why.Reason}, the pendrive is back at xvdg", p.Id);
            return;
        }

        turn.Answer(p.Sender, s.N, StatusCode.Failed, "the receiver could not take the pendrive, it is back at xvdg", p.Id,
            journal: $"the receiver could not take the pendrive, it is back at its sender: {s.Why.Reason}");
    }

    private static void OnReturnFailed(Turn turn, Pendrive p, Stage.Returning s, ExchangeEvent.AttachFailed e)
    {
        turn.Answer(p.Sender, s.N, StatusCode.Failed, "the receiver did not get the pendrive: send the files again", p.Id,
            journal: $"{s.Why.Reason}; then the attach to the sender failed: {e.Failure.Reason}");
        if (e.Exposed) Discard(turn, p, new(p.Sender, Vdev.Xvdg));
        else Delete(turn, p);
    }

    private static bool IsBusy(Turn turn, Party receiver) => turn.State.In(new(receiver.Identity, Vdev.Xvdh)) is not null;

    /// <summary>Answers no when one more cannot wait: a sender has one that waits, a receiver a few.</summary>
    private static bool NoRoomToWait(Turn turn, int n, Party from, Party to, Pendrive p)
    {
        if (turn.State.SentBy(from.Identity).Any(other => other.Stage is Stage.Waiting))
        {
            turn.Answer(from.Identity, n, StatusCode.Busy, "another pendrive of this VM waits for its receiver", p.Id, to.Name);
            return true;
        }

        if (turn.State.WaitingFor(to.Identity).Count() < turn.Settings.WaitingPerReceiver) return false;
        turn.AnswerGuarded(from.Identity, n, StatusCode.Busy, "too many others wait for this receiver", p.Id, to.Name);
        return true;
    }
}
