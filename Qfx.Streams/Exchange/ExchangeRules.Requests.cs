using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <content>Requests are counted, and each gets an answer.</content>
public static partial class ExchangeRules
{
    private static void OnPrepared(Turn turn, QpenEvent.Prepared e)
    {
        if (turn.State.Find(e.From) is not { } vm) return;
        var first = vm is { Taken: 0, IsPrepared: false };
        var n = Math.Max(vm.Taken, e.Found.Taken + e.Found.Lost) + (e.Found.Left ? 1 : 0);
        turn.State = turn.State with { Vms = turn.State.Vms.SetItem(vm.Domid, vm with { Taken = n, IsPrepared = true }) };
        if (first && !e.Found.Open) EndAnswered(turn, vm, e.Found.Taken);

        // Nothing was taken from it in this run, so what is not answered was left so by an earlier one. Whoever waits for it would wait for ever, unless it goes on.
        if (e.Found.Left || (first && (e.Found.Open || e.Found.Lost > 0) && !IsTakenUp(turn, vm, n)))
            turn.Answer(e.From, n, StatusCode.Restarted, "the daemon was started anew, ask again");
        GoOn(turn);
    }

    private static void OnTaken(Turn turn, QpenEvent.Taken e)
    {
        if (turn.State.Find(e.From) is not { } known) return;
        var vm = known with { Taken = known.Taken == int.MaxValue ? 1 : known.Taken + 1 };
        turn.State = turn.State with { Vms = turn.State.Vms.SetItem(vm.Domid, vm) };
        if (turn.State.DvmOf(vm.Identity) is { } dvm)
        {
            OnDvmAsks(turn, vm, dvm, e.Request);
            return;
        }

        if (turn.State.PartyOf(vm.Identity) is { } party && IsDvmName(party.Name))
        {
            OnStrangerAsks(turn, vm, e.Request);
            return;
        }

        switch (e.Request)
        {
            case Request.Malformed r:
                turn.Answer(vm.Identity, vm.Taken, r.Code, r.Reason, journal: $"{r.Reason}: {r.Quoted}");
                break;
            case Request.New r:
                OnNew(turn, vm, r);
                break;
            case Request.Send r:
                OnSend(turn, vm, r.To);
                break;
            case Request.Umount r:
                OnUmount(turn, vm, r);
                break;
            case Request.Cancel:
                OnCancel(turn, vm);
                break;
            case Request.KillMe:
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Denied, "only a disposable VM may ask for its end");
                break;
            case Request.SendDisposable r:
                OnSendDisposable(turn, vm, r);
                break;
            case Request.SendAsk:
                OnSend(turn, vm, null);
                break;
        }
    }

    private static void OnRefused(Turn turn, QpenEvent.Refused e) =>
        turn.Record(StatusCode.Failed, e.From, null, null, $"the request key could not be read, what lies there waits for the next event: {e.Reason}");
}
