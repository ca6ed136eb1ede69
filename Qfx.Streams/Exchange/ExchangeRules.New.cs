using System.Globalization;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>A blank pendrive for a VM: made, then attached at xvdg.</content>
public static partial class ExchangeRules
{
    private static void OnNew(Turn turn, Vm vm, Request.New request)
    {
        var settings = turn.Settings;
        var mib = request.MiB ?? settings.SizeMiB;
        if (turn.State.PartyOf(vm.Identity) is not { } sender)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.BadName, "this VM has no name of its own that may take part");
        }
        else if (mib < settings.MinMiB || mib > settings.MaxMiB)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.BadNumber,
                string.Create(CultureInfo.InvariantCulture, $"a pendrive has {settings.MinMiB} to {settings.MaxMiB} MiB"));
        }
        else if (turn.State.In(new(vm.Identity, Vdev.Xvdg)) is { } there)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "there is a pendrive at xvdg: send or cancel it first", there.Id);
        }
        else if (turn.State.SentBy(vm.Identity).Count() >= settings.PendrivesPerVm)
        {
            turn.Answer(vm.Identity, vm.Taken, StatusCode.Busy, "others still have too many pendrives of this VM: wait until they are done with one");
        }
        else
        {
            var pendrive = new Pendrive(new(turn.Number()), vm.Identity, request.Raw, new Stage.Making(vm.Taken, null));
            turn.State = turn.State.Put(pendrive);
            turn.Do(new ExchangeCommand.Make(pendrive.Id, request.Raw ? null : sender.Name, mib, settings.EffectLimit) { Sender = vm.Identity });
        }
    }

    private static void OnMade(Turn turn, Pendrive p, Stage.Making s)
    {
        if (s.CancelledBy is not null || !turn.IsAlive(p.Sender))
        {
            Delete(turn, p);
            AnswerCancel(turn, p, s.CancelledBy);
            return;
        }

        turn.Put(p, new Stage.Plugging(s.N, null));
        AttachToSender(turn, p);
    }

    private static void OnMakeFailed(Turn turn, Pendrive p, Stage.Making s, Failure failure)
    {
        Delete(turn, p);    // it may be there all the same: what failed may be its answer alone
        AnswerNotMade(turn, p, s.N, s.CancelledBy, failure);
    }

    private static void OnPlugged(Turn turn, Pendrive p, Stage.Plugging s)
    {
        if (s.CancelledBy is not null || !turn.IsAlive(p.Sender))
        {
            Discard(turn, p, new(p.Sender, Vdev.Xvdg), s.CancelledBy);
            return;
        }

        turn.Put(p, new Stage.AtSender());
        turn.Answer(p.Sender, s.N, StatusCode.Attached, "xvdg", p.Id);
    }

    /// <summary>The state is as it was before the request: no pendrive.</summary>
    private static void OnPlugFailed(Turn turn, Pendrive p, Stage.Plugging s, ExchangeEvent.AttachFailed e)
    {
        if (e.Exposed)
        {
            Discard(turn, p, new(p.Sender, Vdev.Xvdg), s.CancelledBy);
            if (s.CancelledBy is not null) return;
        }
        else
        {
            Delete(turn, p);
        }

        AnswerNotMade(turn, p, s.N, s.CancelledBy, e.Failure);
    }

    private static void AnswerNotMade(Turn turn, Pendrive p, int n, int? cancelledBy, Failure failure)
    {
        if (failure.Code == StatusCode.NoSpace && turn.State.PartyOf(p.Sender) is { } sender) Tell(turn, NoticeKind.NoRoom, sender.Name, null);
        var text = failure.Code switch
        {
            StatusCode.SlotInUse => "another disk is at xvdg in this VM: detach it, then ask again",
            StatusCode.NoSpace => "there is no room for a pendrive now, try again later",
            StatusCode.TimedOut => "the pendrive did not come in time",
            _ => "the pendrive could not be made, the journal of dom0 says why",
        };
        turn.Answer(p.Sender, n, failure.Code, text, p.Id, journal: $"{text}: {failure.Reason}");
        AnswerCancel(turn, p, cancelledBy);
    }

    private static void AttachToSender(Turn turn, Pendrive p) =>
        turn.Do(new ExchangeCommand.Attach(p.Id, new(p.Sender, Vdev.Xvdg), turn.Settings.EffectLimit));
}
