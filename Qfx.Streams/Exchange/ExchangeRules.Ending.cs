using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <content>The end of a disposable VM.</content>
public static partial class ExchangeRules
{
    /// <summary>
    /// After each event: what follows for the disposable VMs from how things are now. So no rule of a pendrive has to think of them:
    /// whichever way it ends, its disposable VM follows.
    /// </summary>
    private static void Settle(Turn turn)
    {
        if (turn.State.Dvms.IsEmpty) return;
        foreach (var dvm in turn.State.Dvms.Values)
        {
            switch (dvm.Stage)
            {
                case DvmStage.Queued when !IsWanted(turn, dvm):
                    Drop(turn, dvm);
                    break;
                case DvmStage.Appearing when turn.IsAlive(dvm.Vm!.Identity):
                    Load(turn, dvm);
                    break;
                case DvmStage.Loading:
                    SettleLoading(turn, dvm);
                    break;
                case DvmStage.Running when dvm.Orphaned || (dvm.Used && !HoldsReply(turn, dvm)):
                    End(turn, dvm);
                    break;
                case DvmStage.Outlived when dvm.Reply is null || !turn.State.Pendrives.ContainsKey(dvm.Reply.Value):
                    turn.Do(new ExchangeCommand.ForgetDvm(dvm.Id, dvm.Vm!.Identity, turn.Settings.EffectLimit));
                    turn.State = turn.State.Without(dvm.Id);
                    break;
            }
        }

        MakeNext(turn);
    }

    /// <summary>The reply is still in the disposable VM's hands, which has to live until it is not.</summary>
    private static bool HoldsReply(Turn turn, Dvm dvm) =>
        dvm.Reply is { } id && turn.State.Pendrives.GetValueOrDefault(id)?.Stage is Stage.Committing or Stage.LeavingSender;

    private static void SettleLoading(Turn turn, Dvm dvm)
    {
        switch (turn.State.Pendrives.GetValueOrDefault(dvm.For!.Pendrive)?.Stage)
        {
            case Stage.LeavingSender or Stage.Delivering or Stage.Resuming when !dvm.Orphaned:
                break;
            case Stage.AtReceiver or Stage.LeavingReceiver when !dvm.Orphaned:
                turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Running() });
                break;
            default:
                if (!dvm.Orphaned)
                    turn.Do(new ExchangeCommand.Notify(NoticeKind.DisposableFailed, dvm.For.Requester.Name, null, turn.Settings.EffectLimit));
                End(turn, dvm);
                break;
        }
    }

    /// <summary>Destroys it, unless it is to be looked into.</summary>
    private static void End(Turn turn, Dvm dvm)
    {
        if (turn.Settings.Disposables.Keep && dvm is { Stage: DvmStage.Running, For: not null })
        {
            turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Kept() });
            turn.Record(StatusCode.Ready, dvm.Vm!.Identity, null, null, $"{dvm.Id} ({dvm.Vm.Name}) has done its work and is kept: keep_dvms is set");
            return;
        }

        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Ending() });
        turn.Do(new ExchangeCommand.DestroyDvm(dvm.Id, dvm.Vm!.Identity, turn.Settings.Disposables.DestroyLimit));
    }

    /// <summary>The command has said that it is gone. xenstore says so by itself, unless it was never there.</summary>
    private static void OnDestroyed(Turn turn, Dvm dvm)
    {
        if (turn.IsAlive(dvm.Vm!.Identity)) turn.Do(new ExchangeCommand.StartTimer(new TimerId.Dvm(dvm.Id), turn.Settings.Disposables.Again));
        else Clear(turn, dvm);
    }

    /// <summary>It is gone, however it went.</summary>
    private static void Clear(Turn turn, Dvm dvm)
    {
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Dvm(dvm.Id)));
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Clearing() });
        turn.Do(new ExchangeCommand.RemoveEntry(dvm.Id, dvm.Vm!.Name, turn.Settings.EffectLimit));
    }

    /// <summary>A domain is gone: a disposable VM, or who asked for some.</summary>
    private static void OnGoneForDvms(Turn turn, DomainIdentity domain)
    {
        foreach (var dvm in turn.State.Dvms.Values)
        {
            if (dvm.For?.Requester.Identity == domain)
                turn.State = turn.State.Put(dvm with { Orphaned = true });
            else if (dvm.Vm?.Identity == domain && dvm.Stage is not (DvmStage.Clearing or DvmStage.Outlived))
                OnDvmGone(turn, dvm);
        }
    }

    private static void OnDvmGone(Turn turn, Dvm dvm)
    {
        if (dvm.For is { } request)
        {
            if (IsWanted(turn, dvm))
            {
                turn.Put(turn.State.Pendrives[request.Pendrive], new Stage.AtSender());
                turn.Answer(request.Requester.Identity, request.N, StatusCode.Failed, CouldNotBeMade, request.Pendrive, journal: $"{dvm.Id} ended before it had its file");
                turn.Do(new ExchangeCommand.Notify(NoticeKind.DisposableFailed, request.Requester.Name, null, turn.Settings.EffectLimit));
            }
            else if (dvm is { Stage: DvmStage.Running, Used: false } && !request.ViewOnly)
            {
                turn.Do(new ExchangeCommand.Notify(NoticeKind.DisposableEnded, request.Requester.Name, dvm.Vm!.Name, turn.Settings.EffectLimit));
            }
        }

        Clear(turn, dvm);
        if (dvm.Reply is { } reply && Stands<Stage.Stuck>(turn, reply) is var (p, s)) LeaveDvm(turn, p, new(s.N, s.From, s.To));
    }

    /// <summary>Time to look again at one.</summary>
    private static void OnDvmTimeUp(Turn turn, DvmId id)
    {
        switch (turn.State.Find(id))
        {
            case { Stage: DvmStage.Appearing } dvm:
                Fail(turn, dvm, Failure.TimedOut with { Reason = "it did not appear in xenstore" }, CouldNotBeMade, NoticeKind.DisposableFailed);
                break;
            case { Stage: DvmStage.Ending } dvm:
                turn.Do(new ExchangeCommand.DestroyDvm(dvm.Id, dvm.Vm!.Identity, turn.Settings.Disposables.DestroyLimit));
                break;
            case { Stage: DvmStage.Clearing } dvm:
                Clear(turn, dvm);
                break;
        }
    }
}
