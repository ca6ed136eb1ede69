using System.Collections.Immutable;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>One turn of the rules.</summary>
/// <param name="State">As it is now.</param>
/// <param name="Commands">What is to be done, in this order.</param>
/// <param name="Cause">What had happened; null before the first event.</param>
public sealed record ExchangeStep(ExchangeState State, ImmutableArray<ExchangeCommand> Commands, ExchangeEvent? Cause)
{
    /// <summary>Before anything has happened.</summary>
    public static ExchangeStep Initial(ExchangeSettings settings) => new(new ExchangeState(settings), [], null);
}

/// <summary>The exchange: what happens to a pendrive, and why. A pure function; docs/protocol.md has it in words.</summary>
/// <remarks>One file a part of a pendrive's life: Domains, Requests, New, Send, Delivery, Umount, Discard; of a disposable VM's: Disposable, Making, Ready, Reply, Ending.</remarks>
public static partial class ExchangeRules
{
    /// <summary>What an event changes, and what is to be done. An event that fits nothing that is known changes nothing.</summary>
    public static ExchangeStep Decide(ExchangeState state, ExchangeEvent happened)
    {
        var turn = new Turn(state);
        switch (happened)
        {
            case ExchangeEvent.DomainAppeared e: OnAppeared(turn, e.Domain); break;
            case ExchangeEvent.DomainGone e: OnGone(turn, e.Domain); break;
            case ExchangeEvent.NameBound e: OnName(turn, turn.State.Bind(e.Name, e.Domid)); break;
            case ExchangeEvent.NameFreed e: OnName(turn, turn.State.Free(e.Name)); break;
            case ExchangeEvent.Qpen { What: QpenEvent.Prepared e }: OnPrepared(turn, e); break;
            case ExchangeEvent.Qpen { What: QpenEvent.Taken e }: OnTaken(turn, e); break;
            case ExchangeEvent.Qpen { What: QpenEvent.Refused e }: OnRefused(turn, e); break;
            case ExchangeEvent.QuestionShown e: OnShown(turn, e); break;
            case ExchangeEvent.Answered e: OnAnswered(turn, e); break;
            case ExchangeEvent.AskFailed e: OnAskFailed(turn, e.Question, e.Failure); break;
            case ExchangeEvent.PolicyChanged e: OnPolicyChanged(turn, e.Policy); break;
            case ExchangeEvent.SettingsChanged e: turn.State = turn.State with { Settings = e.Settings }; break;
            case ExchangeEvent.CancelOrdered e: OnCancelOrdered(turn, e.Id); break;
            case ExchangeEvent.DetachOrdered e: OnDetachOrdered(turn, e.Id); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Question t }: OnQuestionTimeUp(turn, t.Id); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Waiting t }: OnWaitingTimeUp(turn, t.Id); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Held t }: OnHeldTimeUp(turn, t.Id); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Dvm t }: OnDvmTimeUp(turn, t.Id); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Opening t }: turn.State = turn.State with { Openings = turn.State.Openings.Remove(t.Number) }; break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Ready }: LookAfterReady(turn); break;
            case ExchangeEvent.TimeUp { Timer: TimerId.Unseen }: AskForUnseen(turn); break;
            case ExchangeEvent.Recovered e: OnRecovered(turn, e); break;
            case ExchangeEvent.FoundDead e: OnFoundDead(turn, e.Domain); break;
            default: OnOutcome(turn, happened); break;
        }

        Settle(turn);
        return new(turn.State, turn.Commands, happened);
    }

    /// <summary>The outcome of a command about a pendrive, by the stage that the pendrive is in.</summary>
    private static void OnOutcome(Turn turn, ExchangeEvent outcome)
    {
        switch (outcome)
        {
            case ExchangeEvent.Made e when Stands<Stage.Making>(turn, e.Id) is var (p, s): OnMade(turn, p, s); break;
            case ExchangeEvent.MakeFailed e when Stands<Stage.Making>(turn, e.Id) is var (p, s): OnMakeFailed(turn, p, s, e.Failure); break;
            case ExchangeEvent.Attached e when Stands<Stage.Plugging>(turn, e.Id) is var (p, s): OnPlugged(turn, p, s); break;
            case ExchangeEvent.Attached e when Stands<Stage.Returning>(turn, e.Id) is var (p, s): OnReturned(turn, p, s); break;
            case ExchangeEvent.Attached e when Stands<Stage.Delivering>(turn, e.Id) is var (p, s): OnDelivered(turn, p, s); break;
            case ExchangeEvent.AttachFailed e when Stands<Stage.Plugging>(turn, e.Id) is var (p, s): OnPlugFailed(turn, p, s, e); break;
            case ExchangeEvent.AttachFailed e when Stands<Stage.Returning>(turn, e.Id) is var (p, s): OnReturnFailed(turn, p, s, e); break;
            case ExchangeEvent.AttachFailed e when Stands<Stage.Delivering>(turn, e.Id) is var (p, s): OnDeliveryFailed(turn, p, s, e.Failure, e.Exposed); break;
            case ExchangeEvent.Announced e when Stands<Stage.Delivering>(turn, e.Id) is var (p, s): OnAnnounced(turn, p, s); break;
            case ExchangeEvent.AnnounceFailed e when Stands<Stage.Delivering>(turn, e.Id) is var (p, s): OnDeliveryFailed(turn, p, s, e.Failure, exposed: false); break;
            case ExchangeEvent.Detached e when Stands<Stage.LeavingSender>(turn, e.Id) is var (p, s): OnLeftSender(turn, p, s, e.Written); break;
            case ExchangeEvent.Detached e when Stands<Stage.LeavingReceiver>(turn, e.Id) is var (p, s): OnLeftReceiver(turn, p, s); break;
            case ExchangeEvent.Detached e when Stands<Stage.Discarding>(turn, e.Id) is var (p, s): OnDiscarded(turn, p, s); break;
            case ExchangeEvent.DetachFailed e when Stands<Stage.LeavingSender>(turn, e.Id) is var (p, s): OnKeptBySender(turn, p, s, e.Failure); break;
            case ExchangeEvent.DetachFailed e when Stands<Stage.LeavingReceiver>(turn, e.Id) is var (p, s): OnKeptByReceiver(turn, p, s, e.Failure); break;
            case ExchangeEvent.DetachFailed e when Stands<Stage.Discarding>(turn, e.Id) is var (p, s): OnNotDiscarded(turn, p, s, e.Failure); break;
            case ExchangeEvent.Deleted e: turn.State = turn.State.Without(e.Id); break;
            case ExchangeEvent.DeleteFailed e when Stands<Stage.Deleting>(turn, e.Id) is var (p, _): OnDeleteFailed(turn, p, e.Failure); break;
            case ExchangeEvent.Detached e when Stands<Stage.Recalled>(turn, e.Id) is var (p, s): OnRecalled(turn, p, s); break;
            case ExchangeEvent.DetachFailed e when Stands<Stage.Recalled>(turn, e.Id) is var (p, s): OnRecallFailed(turn, p, s, e.Failure); break;
            default: OnStep(turn, outcome); break;
        }
    }

    /// <summary>The pendrive, if it is in this stage: an outcome that comes for another one is too late to matter.</summary>
    private static (Pendrive Pendrive, T Stage)? Stands<T>(Turn turn, PendriveId id)
        where T : Stage =>
        turn.State.Pendrives.TryGetValue(id, out var pendrive) && pendrive.Stage is T stage ? (pendrive, stage) : null;
}
