using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>A disposable VM is made: step by step, one at a time.</content>
public static partial class ExchangeRules
{
    /// <summary>What a step came to, by the stage that it belongs to: one that comes for another stage is too late to matter.</summary>
    private static void OnStep(Turn turn, ExchangeEvent happened)
    {
        switch (happened)
        {
            case ExchangeEvent.SavefileLooked e when At<DvmStage.Looking>(turn, e.Id) is { } d: OnLooked(turn, d, e.Seen); break;
            case ExchangeEvent.SavefileUpdated e when At<DvmStage.Updating>(turn, e.Id) is { } d: LookAtSavefile(turn, d); break;
            case ExchangeEvent.MemoryGranted e when At<DvmStage.AskingMemory>(turn, e.Id) is { } d: OnMemoryGranted(turn, d); break;
            case ExchangeEvent.MemoryRefused e when (At<DvmStage.AskingMemory>(turn, e.Id) ?? At<DvmStage.Restoring>(turn, e.Id)) is { } d: OnMemoryRefused(turn, d, e.Reason); break;
            case ExchangeEvent.Restored e when At<DvmStage.Restoring>(turn, e.Id) is { } d: OnRestored(turn, d, e); break;
            case ExchangeEvent.Recorded e when At<DvmStage.Recording>(turn, e.Id) is { } d: OnRecorded(turn, d); break;
            case ExchangeEvent.Recorded e: OnReplyRecorded(turn, e.Id); break;
            case ExchangeEvent.Unpaused e when At<DvmStage.Unpausing>(turn, e.Id) is { } d: Enter(turn, d); break;
            case ExchangeEvent.Entered e when At<DvmStage.Entering>(turn, e.Id) is { } d: AwaitAppearance(turn, d); break;
            case ExchangeEvent.Destroyed e when At<DvmStage.Ending>(turn, e.Id) is { } d: OnDestroyed(turn, d); break;
            case ExchangeEvent.EntryRemoved e when At<DvmStage.Clearing>(turn, e.Id) is { } d: turn.State = turn.State.Put(d with { Stage = new DvmStage.Outlived() }); break;
            case ExchangeEvent.DvmStepFailed e when turn.State.Find(e.Id) is { } d: OnStepFailed(turn, d, e.Step, e.Failure); break;
            default: break;
        }
    }

    private static Dvm? At<T>(Turn turn, DvmId id)
        where T : DvmStage => turn.State.Find(id) is { Stage: T } dvm ? dvm : null;

    private static void LookAtSavefile(Turn turn, Dvm dvm)
    {
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Looking() });
        turn.Do(new ExchangeCommand.LookAtSavefile(dvm.Id, dvm.For?.Requester.Name, turn.Settings.EffectLimit));
    }

    private static void OnLooked(Turn turn, Dvm looking, SavefileSeen seen)
    {
        var updated = looking.Savefile is { Fresh: false };
        var dvm = looking with { Savefile = seen };
        ThrowAwayReady(turn, seen.Stamp);
        if (!IsWanted(turn, dvm) || (dvm.For is null && (!seen.Fresh || HasAllReady(turn))))
        {
            Drop(turn, dvm);
        }
        else if (dvm.For is not null && seen.Fresh && TakeReady(turn, seen) is { } ready)
        {
            Write(turn, dvm with { Vm = ready.Vm, SavedFrom = ready.SavedFrom, Savefile = ready.Savefile, Paused = true });
        }
        else if (seen.Fresh)
        {
            turn.State = turn.State.Put(dvm with { Stage = new DvmStage.AskingMemory() });
            turn.Do(new ExchangeCommand.AskMemory(dvm.Id, turn.Settings.EffectLimit));
        }
        else if (updated)
        {
            Fail(turn, dvm, new(StatusCode.Failed, "the savefile is still stale after its update"), CouldNotBeMade, NoticeKind.SavefileUpdateFailed);
        }
        else
        {
            var request = dvm.For!;
            turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Updating() });
            turn.Do(new ExchangeCommand.Notify(NoticeKind.SavefileUpdating, request.Requester.Name, null, turn.Settings.EffectLimit));
            turn.Answer(request.Requester.Identity, request.N, StatusCode.Waiting, "the savefile of disposable VMs is made anew, this takes minutes", request.Pendrive);
            turn.Do(new ExchangeCommand.UpdateSavefile(dvm.Id, turn.Settings.Disposables.UpdateLimit));
        }
    }

    private static void OnMemoryGranted(Turn turn, Dvm dvm)
    {
        if (!IsWanted(turn, dvm))
        {
            Drop(turn, dvm);
            return;
        }

        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Restoring() });
        turn.Do(new ExchangeCommand.Restore(dvm.Id, dvm.For?.Requester.Name, dvm.For is null, turn.Settings.Disposables.RestoreLimit));
    }

    private static void OnMemoryRefused(Turn turn, Dvm dvm, string reason)
    {
        if (dvm.For is null)
        {
            Drop(turn, dvm);
            return;
        }

        ThrowAwayReady(turn, keep: null);    // they could not be used for this one, and hold memory
        Fail(turn, dvm, new(StatusCode.Failed, reason), "there is not enough memory: end a VM and try again", NoticeKind.NotEnoughMemory);
    }

    private static void OnRestored(Turn turn, Dvm dvm, ExchangeEvent.Restored e)
    {
        turn.Do(new ExchangeCommand.ReleaseMemory(dvm.Id, turn.Settings.EffectLimit));
        if (turn.State.DvmOf(e.Vm.Identity) is not null)
        {
            // It cannot be: a domain that is another one's already. Whoever reports so is not to be trusted with an end, either.
            Fail(turn, dvm, new(StatusCode.Failed, $"the restore reported domain {e.Vm.Identity}, which is another disposable VM"), CouldNotBeMade, NoticeKind.DisposableFailed);
            return;
        }

        var restored = dvm with { Vm = e.Vm, SavedFrom = e.SavedFrom, Paused = e.Paused };
        if (IsWanted(turn, restored)) Write(turn, restored);
        else End(turn, restored);
    }

    private static void Write(Turn turn, Dvm dvm)
    {
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Recording() });
        turn.Do(new ExchangeCommand.RecordDvm(dvm.Id, dvm.Record(), turn.Settings.EffectLimit));
    }

    private static void OnRecorded(Turn turn, Dvm dvm)
    {
        if (dvm.For is null)
        {
            turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Ready() });
            LookAfterReady(turn);
        }
        else if (!IsWanted(turn, dvm))
        {
            End(turn, dvm);
        }
        else if (dvm.Paused)
        {
            turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Unpausing() });
            turn.Do(new ExchangeCommand.Unpause(dvm.Id, dvm.Vm!.Identity, turn.Settings.EffectLimit));
        }
        else
        {
            Enter(turn, dvm);
        }
    }

    private static void Enter(Turn turn, Dvm dvm)
    {
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Entering() });
        turn.Do(new ExchangeCommand.EnterDvm(dvm.Id, dvm.Vm!.Name, dvm.SavedFrom!.Value, dvm.For!.Requester.Name, turn.Settings.EffectLimit));
    }

    private static void AwaitAppearance(Turn turn, Dvm dvm)
    {
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Appearing() });
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Dvm(dvm.Id), turn.Settings.EffectLimit));
    }

    /// <summary>It runs and is seen: its file leaves the requester.</summary>
    private static void Load(Turn turn, Dvm dvm)
    {
        turn.Do(new ExchangeCommand.StopTimer(new TimerId.Dvm(dvm.Id)));
        if (!IsWanted(turn, dvm))
        {
            End(turn, dvm);
            return;
        }

        var request = dvm.For!;
        turn.State = turn.State.Put(dvm with { Stage = new DvmStage.Loading() });
        turn.Put(turn.State.Pendrives[request.Pendrive], new Stage.LeavingSender(request.N, request.Requester, dvm.Vm!));
        turn.Do(new ExchangeCommand.Detach(
            request.Pendrive, new(request.Requester.Identity, Vdev.Xvdg), HolderDead: false, turn.Settings.DetachLimit)
        {
            Approved = new(request.N, request.Requester, dvm.Vm!, null),
        });
    }

    private const string CouldNotBeMade = "a disposable VM could not be made, the journal of dom0 says why";

    private static void OnStepFailed(Turn turn, Dvm dvm, DvmStep step, Failure failure)
    {
        switch (step)
        {
            case DvmStep.Look when dvm.Stage is DvmStage.Looking:
            case DvmStep.Unpause when dvm.Stage is DvmStage.Unpausing:
            case DvmStep.Enter when dvm.Stage is DvmStage.Entering:
            case DvmStep.Record when dvm.Stage is DvmStage.Recording:
            case DvmStep.Memory when dvm.Stage is DvmStage.AskingMemory:
            case DvmStep.Restore when dvm.Stage is DvmStage.Restoring:
                Fail(turn, dvm, failure, CouldNotBeMade, NoticeKind.DisposableFailed, $"{step}: ");
                break;
            case DvmStep.Update when dvm.Stage is DvmStage.Updating:
                Fail(turn, dvm, failure, "the savefile of disposable VMs could not be made anew", NoticeKind.SavefileUpdateFailed);
                break;
            case DvmStep.Record:
                OnReplyNotRecorded(turn, dvm, failure);
                break;
            case DvmStep.Destroy when dvm.Stage is DvmStage.Ending:
            case DvmStep.Remove when dvm.Stage is DvmStage.Clearing:
                turn.Record(StatusCode.Failed, dvm.Vm!.Identity, null, null, $"{dvm.Id} ({dvm.Vm.Name}): {step} failed and will be tried again: {failure.Reason}");
                turn.Do(new ExchangeCommand.StartTimer(new TimerId.Dvm(dvm.Id), turn.Settings.Disposables.Again));
                break;
            default:
                break;
        }
    }

    /// <summary>It is not made: its requester keeps the pendrive and is told, and what there is of it goes.</summary>
    private static void Fail(Turn turn, Dvm dvm, Failure failure, string text, NoticeKind notice, string? step = null)
    {
        var journal = $"{dvm.Id}: {step}{failure.Reason}";
        if (dvm.For is { } request && IsWanted(turn, dvm))
        {
            turn.Put(turn.State.Pendrives[request.Pendrive], new Stage.AtSender());
            turn.Answer(request.Requester.Identity, request.N, failure.Code, text, request.Pendrive, journal: $"{text}: {journal}");
            turn.Do(new ExchangeCommand.Notify(notice, request.Requester.Name, null, turn.Settings.EffectLimit));
        }
        else if (dvm.Vm is { } vm)
        {
            turn.Record(failure.Code, vm.Identity, null, null, journal);
        }

        if (dvm.Vm is null) Drop(turn, dvm);
        else End(turn, dvm);
    }

    /// <summary>There is no domain yet: it is as if it had never been asked for.</summary>
    private static void Drop(Turn turn, Dvm dvm)
    {
        if (dvm.Stage is DvmStage.AskingMemory or DvmStage.Restoring) turn.Do(new ExchangeCommand.ReleaseMemory(dvm.Id, turn.Settings.EffectLimit));
        turn.State = turn.State.Without(dvm.Id);
    }

    /// <summary>Whoever asked for it still waits for it.</summary>
    private static bool IsWanted(Turn turn, Dvm dvm) => dvm.For is not { } request
        || (!dvm.Orphaned && turn.State.Pendrives.GetValueOrDefault(request.Pendrive)?.Stage is Stage.Opening s && s.Dvm == dvm.Id);
}
