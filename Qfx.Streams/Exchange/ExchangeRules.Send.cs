using Qfx.Streams.Domains;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>The sender wants its pendrive to go.</content>
public static partial class ExchangeRules
{
    /// <param name="turn">This turn.</param>
    /// <param name="vm">Who asks.</param>
    /// <param name="to">The receiver; null where the person is to choose.</param>
    private static void OnSend(Turn turn, Vm vm, VmName? to)
    {
        if (turn.State.PartyOf(vm.Identity) is not { } from)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.BadName, "this VM has no name of its own that may take part");
            return;
        }

        if (to == from.Name)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.SameVm, "the receiver is the sender itself");
            return;
        }

        switch (turn.State.In(new(vm.Identity, Vdev.Xvdg)))
        {
            case null:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is no pendrive at xvdg: ask for a new one first");
                break;
            case { Stage: Stage.AtSender } p:
                Offer(turn, vm, from, to, p);
                break;
            case { Stage: Stage.Asking } p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "a question about this pendrive is open", p.Id, to);
                break;
            case var p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being moved", p.Id, to);
                break;
        }
    }

    private static void Offer(Turn turn, Vm vm, Party from, VmName? to, Pendrive p)
    {
        if (HasOpenQuestion(turn, vm, p)) return;
        if (to is { } name && (turn.State.Find(name) is not { } receiver || turn.State.DvmOf(receiver.Identity) is { Stage: not DvmStage.Running }))
        {
            const string Why = "no VM runs under this name, or two do";
            turn.Decided(new(PolicyService.Copy, vm.Identity, from.Name, to, false, StatusCode.NoSuchVm) { Pendrive = p.Id, Why = Why });
            turn.AnswerGuarded(vm.Identity, vm.Taken, StatusCode.NoSuchVm, Why, p.Id, to);
            Tell(turn, NoticeKind.RefusedNoReceiver, from.Name, to);
            return;
        }

        OfferCopy(turn, vm, from, to is null ? PolicyTarget.None : TargetOf(turn, to.Value), p);
    }

    /// <summary>One whose pendrive is detached: the person is asked again about it.</summary>
    private static bool HasOpenQuestion(Turn turn, Vm vm, Pendrive p)
    {
        if (!turn.State.SentBy(vm.Identity).Any(other => other.Stage is Stage.Asking)) return false;
        turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "a question about another pendrive of this VM is open", p.Id);
        return true;
    }

    /// <summary>It may go to the receiver: detached first.</summary>
    /// <param name="turn">This turn.</param>
    /// <param name="p">At its sender.</param>
    /// <param name="n">The request.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="rule">The line that had the person asked, or allowed it.</param>
    /// <param name="seen">Bytes on it when the person saw the question; null where nobody was asked.</param>
    private static void Approve(Turn turn, Pendrive p, int n, Party from, Party to, string rule, long? seen)
    {
        if (IsBusy(turn, to) && NoRoomToWait(turn, n, from, to, p)) return;
        turn.Record(StatusCode.Asking, p.Sender, p.Id, to.Name, "allowed");
        turn.Put(p, new Stage.LeavingSender(n, from, to) { Written = seen, Rule = rule });
        turn.Do(new ExchangeCommand.Detach(p.Id, new(p.Sender, Vdev.Xvdg), HolderDead: false, turn.Settings.DetachLimit)
        {
            Approved = new(n, from, to, seen),
        });
    }

    /// <summary>As the policy sees it.</summary>
    private static PolicyVm PartyIn(Turn turn, Party party) => new(party.Name, turn.State.DvmOf(party.Identity) is not null);

    private static PolicyTarget TargetOf(Turn turn, VmName name) =>
        turn.State.Find(name) is { } vm ? new PolicyTarget.Vm(PartyIn(turn, new(vm.Identity, name))) : PolicyTarget.Of(name);
}
