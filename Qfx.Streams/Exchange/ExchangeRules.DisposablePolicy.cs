using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <content>What the administrator's policy says of disposable VMs: the one place where that is decided.</content>
public static partial class ExchangeRules
{
    /// <summary>qfx.OpenInDvm, qfx.ViewInDvm: a VM may have its file opened in a disposable VM, or not, or the person is asked.</summary>
    private static void OfferDispvm(Turn turn, Vm vm, Party requester, Request.SendDisposable request, Pendrive p)
    {
        var wanted = new AskedFor.Dispvm(request.Seq, request.ViewOnly);
        var decision = turn.State.Policy.Decide(wanted.Service, PartyIn(turn, requester), PolicyTarget.NewDispvm);
        var asking = new Stage.Asking(vm.Taken, default, requester, wanted) { Rule = decision.Place, Since = turn.State.Now };
        switch (decision.Verdict)
        {
            case PolicyVerdict.Allow:
                Audit(turn, p, asking, StatusCode.Waiting, "policy", decision.Why, allowed: true);
                Queue(turn, vm, requester, request, p);
                break;
            case PolicyVerdict.Ask when !IsQuiet(turn, requester.Name):
                AskPerson(turn, p, asking, "the person at the screen is asked");
                break;
            default:
                var why = decision.Verdict == PolicyVerdict.Ask ? "the person has refused this VM several times within a minute" : decision.Why;
                Audit(turn, p, asking, StatusCode.Denied, decision.Verdict == PolicyVerdict.Ask ? "quiet" : "policy", why);
                turn.Answer(vm.Identity, vm.Taken, StatusCode.Denied, "not allowed", p.Id, journal: why);
                if (decision is { Verdict: PolicyVerdict.Deny, Notify: true }) Tell(turn, NoticeKind.RefusedByPolicy, requester.Name, null);
                break;
        }
    }

    /// <summary>The person has said yes to a disposable VM.</summary>
    private static void OpenApproved(Turn turn, Pendrive p, int n, Party from, AskedFor.Dispvm dispvm)
    {
        if (turn.State.Find(from.Identity) is { } vm) Queue(turn, vm with { Taken = n }, from, new(dispvm.Seq, dispvm.ViewOnly), p);
    }

    /// <summary>qfx.Reply: whether the one reply that a disposable VM was made for may be sent. Nobody is asked about one: an ask is a no.</summary>
    private static bool MayReply(Turn turn, Party from, Party requester)
    {
        var decision = turn.State.Policy.Decide(PolicyService.Reply, PartyIn(turn, from), new PolicyTarget.Vm(PartyIn(turn, requester)));
        var allowed = decision.Verdict == PolicyVerdict.Allow;
        turn.Decided(new(
            PolicyService.Reply, from.Identity, from.Name, requester.Name, allowed, allowed ? StatusCode.Sent : StatusCode.Denied)
        {
            Rule = decision.Place,
            Why = decision.Why,
        });
        return allowed;
    }
}
