using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>What an earlier run left goes on where that can be: who has a pendrive keeps it, who was approved gets it.</content>
public static partial class ExchangeRules
{
    private static void OnRecovered(Turn turn, ExchangeEvent.Recovered left)
    {
        var numbers = left.Dvms.Select(d => d.Reply?.Value ?? 0).Concat(left.Pendrives.Select(p => p.Id.Value));
        turn.State = turn.State with { Recovered = true, LastNumber = Math.Max(turn.State.LastNumber, numbers.DefaultIfEmpty().Max()) };
        foreach (var found in left.Pendrives) TakeUp(turn, found);
        foreach (var record in left.Dvms) Recover(turn, record);
        AskForUnseen(turn);
        LookAfterReady(turn);
    }

    /// <summary>A pendrive: where it is and who was approved was written down, and the disk says so too.</summary>
    private static void TakeUp(Turn turn, FoundPendrive found)
    {
        var p = new Pendrive(found.Id, found.Sender, found.Raw, new Stage.Deleting());
        switch (found)
        {
            case { At: { } at } when at == new Slot(found.Sender, Vdev.Xvdg):
                turn.Put(p, new Stage.AtSender());
                Await(turn, found.Sender);
                break;
            case { At: { } at, Approved: { } a } when at == new Slot(a.To.Identity, Vdev.Xvdh):
                turn.Put(p, new Stage.AtReceiver(a.N, a.To));
                Await(turn, a.To.Identity);
                break;
            case { At: null, Approved: { } a } when a.Seen is not { } seen || found.Written <= seen + turn.Settings.MoreThanSeen:
                turn.Put(p, new Stage.Resuming(a.N, a.From, a.To));
                turn.Do(new ExchangeCommand.StartTimer(new TimerId.Waiting(p.Id), turn.Settings.WaitingLimit));
                Await(turn, a.From.Identity);
                Await(turn, a.To.Identity);
                break;
            case { At: { } at }:
                turn.Put(p, new Stage.Quarantined(at));
                Await(turn, at.Vm);
                break;
            default:
                Delete(turn, p);
                break;
        }
    }

    /// <summary>
    /// A disposable VM: what is ready is swept, who has replied ends, a file or a reply that has left goes on. Whose file has not left its
    /// requester will not get it any more: <see cref="Settle"/> ends it.
    /// </summary>
    private static void Recover(Turn turn, DvmRecord record)
    {
        var opens = record.Opens is { } id ? turn.State.Pendrives.GetValueOrDefault(id) : null;
        var request = record.Allowed is { } a
            ? new DvmRequest(a.Requester, (opens?.Stage as Stage.Resuming)?.N ?? 0, a.Seq, a.ViewOnly, opens?.Id ?? default) : null;
        var dvm = new Dvm(new(turn.Number()), request, opens?.Stage is Stage.Resuming or Stage.AtSender ? new DvmStage.Loading() : new DvmStage.Running())
        {
            Vm = record.Vm,
            Used = record.Used,
            Reply = record.Reply,
        };
        turn.State = turn.State.Put(dvm);
        Await(turn, record.Vm.Identity);
        if (request is { } r) Await(turn, r.Requester.Identity);
        if (request is null || record.Used) End(turn, dvm);
        if (record.Reply is not { } reply || request is null) return;
        var p = new Pendrive(reply, record.Vm.Identity, Raw: true,
            record.IsStuck ? new Stage.Stuck(0, record.Vm, request.Requester) : new Stage.Waiting(0, record.Vm, request.Requester, turn.Number()));
        turn.State = turn.State.Put(p);
        turn.Record(StatusCode.Waiting, record.Vm.Identity, reply, request.Requester.Name, "a reply that an earlier run took waits for its receiver");
    }

    private static void Await(Turn turn, DomainIdentity domain) => turn.State = turn.State with { Unseen = turn.State.Unseen.Add(domain) };

    /// <summary>Who has not been seen since the start may have died before it, and then nobody says so.</summary>
    private static void AskForUnseen(Turn turn)
    {
        if (turn.State.Unseen.IsEmpty) return;
        foreach (var domain in turn.State.Unseen.OrderBy(d => d.Domid.Value)) turn.Do(new ExchangeCommand.ProveDeath(domain, turn.Settings.EffectLimit));
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Unseen(), turn.Settings.Disposables.Again));
    }

    private static void OnFoundDead(Turn turn, DomainIdentity domain)
    {
        if (!turn.State.Unseen.Contains(domain)) return;
        turn.State = turn.State with { Unseen = turn.State.Unseen.Remove(domain) };
        OnEnded(turn, domain);
    }

    /// <summary>Whom an earlier run had approved is there, under the names that the person saw: the pendrive goes on. How many requests the sender has had must be known, or an answer would be for another one.</summary>
    private static void GoOn(Turn turn)
    {
        foreach (var p in turn.State.Pendrives.Values.Where(p => p.Stage is Stage.Resuming).OrderBy(p => p.Id.Value))
        {
            var s = (Stage.Resuming)p.Stage;
            if (turn.State.Find(s.From.Identity) is not { IsPrepared: true } || !turn.State.Holds(s.From) || !turn.State.Holds(s.To) || !IsApproved(turn, p, s.From, s.To)) continue;
            turn.Do(new ExchangeCommand.StopTimer(new TimerId.Waiting(p.Id)));
            HandOver(turn, p, s.N, s.From, s.To);
        }
    }

    /// <summary>The sender has had its last word about it: the earlier run was ended before it was deleted.</summary>
    private static void EndAnswered(Turn turn, Vm sender, int n)
    {
        foreach (var p in turn.State.SentBy(sender.Identity).Where(p => p.Stage is Stage.Resuming s && s.N == n))
        {
            turn.Do(new ExchangeCommand.StopTimer(new TimerId.Waiting(p.Id)));
            Delete(turn, p);
        }
    }

    /// <summary>What an earlier run had not answered is gone on with. Where it had only not said so any more, that is said now.</summary>
    private static bool IsTakenUp(Turn turn, Vm sender, int n)
    {
        foreach (var p in turn.State.SentBy(sender.Identity))
        {
            if (p.Stage is Stage.Resuming r && r.N == n) return true;
            if (p.Stage is not Stage.AtReceiver s || s.N != n) continue;
            turn.Answer(sender.Identity, n, StatusCode.Sent, "the receiver has the pendrive", p.Id, s.To.Name);
            return true;
        }

        return false;
    }
}
