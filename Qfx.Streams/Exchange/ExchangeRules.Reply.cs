using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>The one reply of a disposable VM: the person's work. Once detached, only the end of its requester ends it.</content>
public static partial class ExchangeRules
{
    private static void OnReply(Turn turn, Vm vm, Dvm dvm, Request.Send request)
    {
        var allowed = dvm.For!;
        if (dvm.Used || allowed.ViewOnly || request.To != allowed.Requester.Name || request.Seq != allowed.Seq
            || !MayReply(turn, dvm.Vm!, allowed.Requester))
        {
            DenyDvm(turn, vm, dvm, dvm.Used ? "a second reply" : "not the reply that it was made for");
            return;
        }

        switch (turn.State.In(new(vm.Identity, Vdev.Xvdg)))
        {
            case null:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is no pendrive at xvdg: ask for a new one first");
                break;
            case { Stage: Stage.AtSender } p:
                var used = dvm with { Used = true, Reply = p.Id };
                turn.State = turn.State.Put(used);
                turn.Put(p, new Stage.Committing(vm.Taken, dvm.Vm!, allowed.Requester));
                turn.Record(StatusCode.Sent, vm.Identity, p.Id, allowed.Requester.Name, $"{dvm.Id} replies");
                turn.Do(new ExchangeCommand.RecordDvm(dvm.Id, used.Record(), turn.Settings.EffectLimit));
                break;
            case { } p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being moved", p.Id);
                break;
        }
    }

    private static void OnReplyRecorded(Turn turn, DvmId id)
    {
        if (turn.State.Find(id) is not { Reply: { } reply } || Stands<Stage.Committing>(turn, reply) is not var (p, s)) return;
        LeaveDvm(turn, p, new(s.N, s.From, s.To));
    }

    private static void LeaveDvm(Turn turn, Pendrive p, Stage.LeavingSender stage)
    {
        turn.Put(p, stage);
        turn.Do(new ExchangeCommand.Detach(p.Id, new(p.Sender, Vdev.Xvdg), !turn.IsAlive(p.Sender), turn.Settings.DetachLimit));
    }

    /// <summary>It would not survive a restart, so it is not taken: the disposable VM still has it, and may ask again.</summary>
    private static void OnReplyNotRecorded(Turn turn, Dvm dvm, Failure failure)
    {
        if (dvm.Reply is not { } reply || Stands<Stage.Committing>(turn, reply) is not var (p, s)) return;
        turn.State = turn.State.Put(dvm with { Used = false, Reply = null });
        if (!turn.IsAlive(p.Sender))
        {
            Discard(turn, p, new(p.Sender, Vdev.Xvdg));
        }
        else
        {
            turn.Put(p, new Stage.AtSender());
            turn.Answer(p.Sender, s.N, failure.Code, "the reply could not be taken, try again", p.Id, s.To.Name, journal: $"the reply could not be recorded: {failure.Reason}");
        }

        turn.Do(new ExchangeCommand.Notify(NoticeKind.ReplyLost, s.To.Name, s.From.Name, turn.Settings.EffectLimit));
    }

    /// <summary>It has left the disposable VM, which is needed no longer.</summary>
    private static void OnReplyLeft(Turn turn, Pendrive p, Stage.LeavingSender s)
    {
        if (turn.State.RepliedBy(p.Id) is { Orphaned: true })
        {
            LoseApproval(turn, p, s.N, s.To);
        }
        else if (turn.IsAlive(s.To.Identity) && !IsBusy(turn, s.To))
        {
            Deliver(turn, p, s.N, s.From, s.To);
        }
        else
        {
            turn.Put(p, new Stage.Waiting(s.N, s.From, s.To, turn.Number()));
            turn.Record(StatusCode.Waiting, s.From.Identity, p.Id, s.To.Name, "the reply waits until its receiver is done with another pendrive");
            turn.Do(new ExchangeCommand.Notify(NoticeKind.ReplyWaits, s.To.Name, s.From.Name, turn.Settings.EffectLimit));
        }
    }

    /// <summary>The disposable VM does not let go. Nobody else has seen its reply: when it is dead, the reply goes on.</summary>
    private static void OnReplyKept(Turn turn, Pendrive p, Stage.LeavingSender s, Failure failure)
    {
        if (!turn.IsAlive(p.Sender))
        {
            Quarantine(turn, p, new(p.Sender, Vdev.Xvdg));
            turn.Record(failure.Code, p.Sender, p.Id, s.To.Name, $"the reply of a dead disposable VM could not be detached and is lost: {failure.Reason}");
            turn.Do(new ExchangeCommand.Notify(NoticeKind.ReplyLost, s.To.Name, s.From.Name, turn.Settings.EffectLimit));
            return;
        }

        turn.Put(p, new Stage.Stuck(s.N, s.From, s.To));
        turn.Record(failure.Code, p.Sender, p.Id, s.To.Name, $"the disposable VM does not let go of its reply, it is destroyed: {failure.Reason}");
    }

    /// <summary>Its requester did not get it: it is tried again. If the requester may have seen the disk, it is detached first.</summary>
    private static void OnReplyNotDelivered(Turn turn, Pendrive p, Stage.Delivering s, Failure failure, bool exposed)
    {
        turn.Record(failure.Code, s.From.Identity, p.Id, s.To.Name, $"the reply could not be attached and will be tried again: {failure.Reason}");
        if (exposed)
        {
            turn.Put(p, new Stage.Recalled(s.N, s.From, s.To));
            turn.Do(new ExchangeCommand.Detach(p.Id, new(s.To.Identity, Vdev.Xvdh), !turn.IsAlive(s.To.Identity), turn.Settings.DetachLimit));
        }
        else if (turn.IsAlive(s.To.Identity))
        {
            WaitAgain(turn, p, s.N, s.From, s.To);
        }
        else
        {
            LoseApproval(turn, p, s.N, s.To);
        }
    }

    private static void OnRecalled(Turn turn, Pendrive p, Stage.Recalled s)
    {
        if (turn.IsAlive(s.To.Identity)) WaitAgain(turn, p, s.N, s.From, s.To);
        else LoseApproval(turn, p, s.N, s.To);
    }

    /// <summary>Tried again by the timer that a wait for a receiver has, or when that receiver has something to say.</summary>
    private static void WaitAgain(Turn turn, Pendrive p, int n, Party from, Party to)
    {
        turn.Put(p, new Stage.Waiting(n, from, to, turn.Number()));
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Waiting(p.Id), turn.Settings.Disposables.Again));
    }

    private static void OnRecallFailed(Turn turn, Pendrive p, Stage.Recalled s, Failure failure)
    {
        turn.Record(failure.Code, s.To.Identity, p.Id, null, $"xvdh could not be detached: {failure.Reason}");
        if (!turn.IsAlive(s.To.Identity)) Quarantine(turn, p, new(s.To.Identity, Vdev.Xvdh));
        else turn.Do(new ExchangeCommand.StartTimer(new TimerId.Waiting(p.Id), turn.Settings.Disposables.Again));
    }

    /// <summary>Time to try again.</summary>
    private static void OnReplyTimeUp(Turn turn, PendriveId id)
    {
        if (Stands<Stage.Waiting>(turn, id) is var (_, w))
        {
            ServeNext(turn, w.To);
        }
        else if (Stands<Stage.Recalled>(turn, id) is var (p, s))
        {
            turn.Do(new ExchangeCommand.Detach(p.Id, new(s.To.Identity, Vdev.Xvdh), !turn.IsAlive(s.To.Identity), turn.Settings.DetachLimit));
        }
    }
}
