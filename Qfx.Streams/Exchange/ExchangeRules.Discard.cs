using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>Nobody is to have the pendrive any more.</content>
public static partial class ExchangeRules
{
    private static void OnCancel(Turn turn, Vm vm)
    {
        var mine = turn.State.In(new(vm.Identity, Vdev.Xvdg))
            ?? turn.State.SentBy(vm.Identity).FirstOrDefault(p => p.Stage is Stage.Waiting or Stage.Resuming)
            ?? turn.State.SentBy(vm.Identity).FirstOrDefault(p => p.Stage is Stage.Asking);
        if (mine is null) turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is nothing to cancel");
        else if (!Cancel(turn, mine, vm.Taken)) turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being moved", mine.Id);
    }

    /// <summary>Ends what is under way about a pendrive that its sender has, or had last.</summary>
    /// <returns>False: it is being moved, or the receiver has it.</returns>
    private static bool Cancel(Turn turn, Pendrive p, int n)
    {
        switch (p.Stage)
        {
            case Stage.Making s:
                turn.Put(p, s with { CancelledBy = n });
                return true;
            case Stage.Plugging s:
                turn.Put(p, s with { CancelledBy = n });
                return true;
            case Stage.Asking s:
                CancelQuestion(turn, p, s, n);
                return true;
            case Stage.AtSender or Stage.Opening:
                Discard(turn, p, p.Slot!.Value, n);
                return true;
            case Stage.Quarantined s when s.At.Vdev == Vdev.Xvdg:
                Discard(turn, p, s.At, n);
                return true;
            case Stage.Waiting or Stage.Resuming:
                turn.Do(new ExchangeCommand.StopTimer(new TimerId.Waiting(p.Id)));
                Delete(turn, p);
                AnswerCancel(turn, p, n);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Detaches it from where it is plugged, and deletes it then.</summary>
    private static void Discard(Turn turn, Pendrive p, Slot at, int? cancelledBy = null)
    {
        var dead = !turn.IsAlive(at.Vm);
        turn.Put(p, new Stage.Discarding(at, dead, cancelledBy));
        turn.Do(new ExchangeCommand.Detach(p.Id, at, dead, turn.Settings.DetachLimit));
    }

    private static void OnDiscarded(Turn turn, Pendrive p, Stage.Discarding s)
    {
        Delete(turn, p);
        AnswerCancel(turn, p, s.CancelledBy);
        if (s.At.Vdev == Vdev.Xvdh && turn.State.PartyOf(s.At.Vm) is { } receiver) ServeNext(turn, receiver);
    }

    private static void OnNotDiscarded(Turn turn, Pendrive p, Stage.Discarding s, Failure failure)
    {
        Quarantine(turn, p, s.At);
        if (s.CancelledBy is { } n)
        {
            turn.Answer(s.At.Vm, n, failure.Code, $"this VM did not let go of {s.At.Vdev.Name}: unmount it, then cancel again", p.Id,
                journal: $"the VM did not let go of {s.At.Vdev.Name}, the image is kept until it does: {failure.Reason}");
        }
        else
        {
            turn.Record(failure.Code, s.At.Vm, p.Id, null, $"{s.At.Vdev.Name} could not be detached: {failure.Reason}");
        }
    }

    /// <summary>A VM did not let go. While it lives the image is kept for nobody; from a dead one it is taken once that can be done.</summary>
    private static void Quarantine(Turn turn, Pendrive p, Slot at)
    {
        if (turn.IsAlive(at.Vm)) turn.Put(p, new Stage.Quarantined(at));
        else if (p.Stage is Stage.Discarding { HolderDead: true }) turn.Do(new ExchangeCommand.StartTimer(new TimerId.Held(p.Id), turn.Settings.Disposables.Again));
        else Discard(turn, p, at);
    }

    /// <summary>What a dead VM had could not be detached a while ago. A deleted image would leave its loop device for ever.</summary>
    private static void OnHeldTimeUp(Turn turn, PendriveId id)
    {
        if (Stands<Stage.Discarding>(turn, id) is var (p, s)) Discard(turn, p, s.At);
    }

    private static void Delete(Turn turn, Pendrive p)
    {
        turn.Put(p, new Stage.Deleting());
        turn.Do(new ExchangeCommand.Delete(p.Id, turn.Settings.EffectLimit));
    }

    private static void OnDeleteFailed(Turn turn, Pendrive p, Failure failure)
    {
        turn.State = turn.State.Without(p.Id);
        turn.Record(StatusCode.Failed, p.Sender, p.Id, null, $"an image could not be deleted, remove it by hand: {failure.Reason}");
    }

    private static void AnswerCancel(Turn turn, Pendrive p, int? cancelledBy)
    {
        if (cancelledBy is { } n) turn.Answer(p.Sender, n, StatusCode.Cancelled, "the pendrive is gone", p.Id);
    }
}
