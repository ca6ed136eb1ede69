using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>The receiver is done with what it has at xvdh.</content>
public static partial class ExchangeRules
{
    private static void OnUmount(Turn turn, Vm vm, Request.Umount request)
    {
        var came = new UmountCame(vm.Taken, request.Received);
        switch (turn.State.In(new(vm.Identity, Vdev.Xvdh)))
        {
            case { Stage: Stage.AtReceiver s } p:
                TakeBack(turn, p, s, came);
                break;
            case { Stage: Stage.Delivering { Attaching: true, Umount: null } s } p:
                turn.Put(p, s with { Umount = came });    // its udev was quicker than our outcome
                break;
            case { Stage: Stage.Quarantined } p:
                Detach(turn, p, new Stage.LeavingReceiver(NamedOrNot(turn, vm.Identity), came));
                break;
            case { Stage: Stage.LeavingReceiver } p:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "the pendrive is being detached", p.Id);
                break;
            default:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.NoPendrive, "there is no pendrive at xvdh");
                break;
        }
    }

    /// <summary>Also a VM that has no name by now: it, and the administrator, could not be rid of what it kept otherwise.</summary>
    private static Party NamedOrNot(Turn turn, DomainIdentity vm) => turn.State.PartyOf(vm) ?? new(vm, default);

    private static void TakeBack(Turn turn, Pendrive p, Stage.AtReceiver s, UmountCame umount)
    {
        if (umount.Received is { } received)
        {
            var (code, text) = received
                ? (StatusCode.Received, "the receiver has everything")
                : (StatusCode.NotReceived, "the receiver says that it did not get everything");
            turn.Answer(p.Sender, s.N, code, text, p.Id, s.To.Name);
            if (!received && turn.State.RepliedBy(p.Id) is { Vm.Name: var from })
                turn.Do(new ExchangeCommand.Notify(NoticeKind.ReplyLost, s.To.Name, from, turn.Settings.EffectLimit));
            if (turn.State.PartyOf(p.Sender) is { } sender)
                TellOfCopy(turn, p, received ? NoticeKind.Received : NoticeKind.NotReceived, sender.Name, s.To.Name);
        }

        Detach(turn, p, new Stage.LeavingReceiver(s.To, umount));
    }

    private static void Detach(Turn turn, Pendrive p, Stage.LeavingReceiver stage)
    {
        turn.Put(p, stage);
        turn.Do(new ExchangeCommand.Detach(p.Id, new(stage.To.Identity, Vdev.Xvdh), HolderDead: false, turn.Settings.DetachLimit));
    }

    private static void OnLeftReceiver(Turn turn, Pendrive p, Stage.LeavingReceiver s)
    {
        Delete(turn, p);
        turn.Answer(s.To.Identity, s.Umount.N, StatusCode.Detached, "xvdh", p.Id);
        ServeNext(turn, s.To);
    }

    private static void OnKeptByReceiver(Turn turn, Pendrive p, Stage.LeavingReceiver s, Failure failure)
    {
        Quarantine(turn, p, new(s.To.Identity, Vdev.Xvdh));
        if (turn.State.PartyOf(s.To.Identity) is { } receiver) TellOfCopy(turn, p, NoticeKind.NotLetGo, receiver.Name, null);
        turn.Answer(s.To.Identity, s.Umount.N, failure.Code, "this VM did not let go of xvdh: unmount it, then say umount again", p.Id,
            journal: $"the receiver did not let go of xvdh, the image is kept until it does: {failure.Reason}");
    }
}
