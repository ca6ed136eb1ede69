using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <content>Domains come, go and are renamed.</content>
public static partial class ExchangeRules
{
    private static void OnAppeared(Turn turn, DomainIdentity domain)
    {
        turn.State = turn.State with { Vms = turn.State.Vms.SetItem(domain.Domid, new Vm(domain, 0)), Unseen = turn.State.Unseen.Remove(domain) };
        if (turn.State.WaitingFor(domain).FirstOrDefault() is { Stage: Stage.Waiting s }) ServeNext(turn, s.To);    // of an earlier run
        GoOn(turn);
    }

    /// <summary>What the dead VM held is deleted; what was under way to or from it ends. What other commands still do about it, their outcomes end.</summary>
    private static void OnGone(Turn turn, DomainIdentity domain)
    {
        if (!turn.IsAlive(domain)) return;
        turn.State = turn.State with { Vms = turn.State.Vms.Remove(domain.Domid) };
        OnEnded(turn, domain);
    }

    private static void OnEnded(Turn turn, DomainIdentity domain)
    {
        OnGoneForDvms(turn, domain);
        foreach (var p in turn.State.Concerning(domain).Where(p => IsTouched(p, domain)))
        {
            switch (p.Stage)
            {
                case Stage.Asking s:
                    EndQuestion(turn, p, s);
                    break;
                case Stage.Waiting s when s.To.Identity == domain || turn.State.RepliedBy(p.Id) is null:
                    EndWaiting(turn, p, s.N, s.To);
                    break;
                case Stage.Resuming s:
                    EndWaiting(turn, p, s.N, s.To);
                    break;
                case Stage.AtReceiver s:
                    if (turn.State.PartyOf(p.Sender) is { } sender) TellOfCopy(turn, p, NoticeKind.NotReceived, sender.Name, s.To.Name);
                    turn.Answer(p.Sender, s.N, StatusCode.NotReceived, "the receiver ended before it said that it has the files", p.Id, s.To.Name);
                    Discard(turn, p, p.Slot!.Value);
                    break;
                case Stage.AtSender or Stage.Quarantined or Stage.Opening:
                    Discard(turn, p, p.Slot!.Value);
                    break;
                case Stage.Plugging or Stage.Returning:
                case Stage.Delivering { Attaching: true } when p.Slot!.Value.Vm == domain:
                    turn.Do(new ExchangeCommand.CallOffAttach(p.Id, p.Slot!.Value));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A yes was for a domain under a name. When the name means something else, questions and waits end.</summary>
    private static void OnName(Turn turn, ExchangeState named)
    {
        turn.State = named;
        foreach (var p in named.Pendrives.Values)
        {
            if (p.Stage is not (Stage.Asking or Stage.Waiting) || p.Approval is not var (_, from, to)) continue;
            if ((named.Holds(from) && (to is null || named.Holds(to))) || named.RepliedBy(p.Id) is not null) continue;
            if (p.Stage is Stage.Asking asking) EndQuestion(turn, p, asking);
            else if (p.Stage is Stage.Waiting waiting) EndWaiting(turn, p, waiting.N, waiting.To);
        }

        GoOn(turn);
    }

    /// <summary>Who asked for it and has given it away is not needed any more.</summary>
    private static bool IsTouched(Pendrive p, DomainIdentity domain) =>
        p.Slot?.Vm == domain
        || (p.Approval is var (_, from, to) && (from.Identity == domain || to?.Identity == domain));
}
