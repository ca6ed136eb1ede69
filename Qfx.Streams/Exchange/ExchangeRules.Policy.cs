using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <content>What the policy says to a request, and to the questions that are open when it changes.</content>
public static partial class ExchangeRules
{
    /// <summary>The pendrive may go, must not, or the person is asked.</summary>
    /// <param name="turn">This turn.</param>
    /// <param name="vm">Who asks.</param>
    /// <param name="from">The same under its name.</param>
    /// <param name="target">Whom for: a VM that runs, or nobody yet.</param>
    /// <param name="p">Its pendrive, at xvdg.</param>
    private static void OfferCopy(Turn turn, Vm vm, Party from, PolicyTarget target, Pendrive p)
    {
        var decision = turn.State.Policy.Decide(PolicyService.Copy, PartyIn(turn, from), target);
        var asked = (target as PolicyTarget.Vm)?.Is.Name;
        var to = decision.Target is PolicyTarget.Vm { Is.Name: var meant } ? meant : asked;
        if (decision.Verdict == PolicyVerdict.Deny)
        {
            DenyCopy(turn, vm, from, p, to, decision, StatusCode.Denied, decision.Why);
            if (decision.Notify) Tell(turn, NoticeKind.RefusedByPolicy, from.Name, to);
            return;
        }

        if (to is null)
        {
            OfferChoice(turn, vm, from, p, decision);
            return;
        }

        if (to == from.Name || turn.State.Find(to.Value) is not { } receiver)
        {
            DenyCopy(turn, vm, from, p, to, decision, StatusCode.NoSuchVm, "who the policy sends it to does not run");
            return;
        }

        var party = new Party(receiver.Identity, to.Value);
        if (IsBusy(turn, party) && NoRoomToWait(turn, vm.Taken, from, party, p)) return;
        if (decision.Verdict == PolicyVerdict.Allow)
        {
            turn.Decided(new(PolicyService.Copy, vm.Identity, from.Name, to, true, StatusCode.Asking)
            {
                Pendrive = p.Id,
                Rule = decision.Place,
                Why = decision.Why,
            });
            if (decision.Notify) Tell(turn, NoticeKind.AllowedByPolicy, from.Name, to);
            Approve(turn, p, vm.Taken, from, party, decision.Place, seen: null);
            return;
        }

        if (IsTooOften(turn, vm, from, p, to, decision)) return;
        AskPerson(turn, p, new(vm.Taken, default, from, new AskedFor.Copy(party)) { Rule = decision.Place, Since = turn.State.Now },
            "the person at the screen is asked");
    }

    private static void OfferChoice(Turn turn, Vm vm, Party from, Pendrive p, PolicyDecision decision)
    {
        var parties = turn.State.NamesOf.Keys
            .Select(domid => turn.State.Vms.GetValueOrDefault(domid) is { } other ? turn.State.PartyOf(other.Identity) : null)
            .OfType<Party>().ToImmutableDictionary(party => party.Name);
        var allowed = turn.State.Policy.Choices(PolicyService.Copy, PartyIn(turn, from), parties.Values.Select(party => PartyIn(turn, party)));
        if (allowed.IsEmpty)
        {
            DenyCopy(turn, vm, from, p, null, decision, StatusCode.NoSuchVm, "no VM runs that it may be sent to");
            Tell(turn, NoticeKind.RefusedNoReceiver, from.Name, null);
            return;
        }

        if (IsTooOften(turn, vm, from, p, null, decision)) return;
        var suggested = decision.Rule?.DefaultTarget is { } name && allowed.Contains(name) ? decision.Rule.DefaultTarget : null;
        AskPerson(turn, p,
            new(vm.Taken, default, from, new AskedFor.Choice([.. allowed.Select(a => parties[a])], suggested)) { Rule = decision.Place, Since = turn.State.Now },
            "the person at the screen chooses the receiver");
    }

    /// <summary>A deny that appears while a question is open ends it.</summary>
    private static void OnPolicyChanged(Turn turn, Policy.Policy policy)
    {
        turn.State = turn.State with { Policy = policy };
        foreach (var p in turn.State.Pendrives.Values)
        {
            if (p.Stage is not Stage.Asking s) continue;
            var target = s.For switch
            {
                AskedFor.Copy copy => new PolicyTarget.Vm(PartyIn(turn, copy.To)),
                AskedFor.Dispvm => PolicyTarget.NewDispvm,
                _ => PolicyTarget.None,
            };
            var decision = policy.Decide(s.For.Service, PartyIn(turn, s.From), target);
            if (s.For is AskedFor.Choice choice && decision.Verdict != PolicyVerdict.Deny)
            {
                var still = policy.Choices(PolicyService.Copy, PartyIn(turn, s.From), choice.Among.Select(party => PartyIn(turn, party)));
                if (choice.Among.All(party => still.Contains(party.Name))) continue;
            }
            else if (decision.Verdict != PolicyVerdict.Deny)
            {
                continue;
            }

            TakeBackQuestion(turn, s);
            Audit(turn, p, s with { Rule = decision.Place }, StatusCode.Denied, "policy", decision.Why);
            if (decision.Notify) Tell(turn, NoticeKind.RefusedByPolicy, s.From.Name, s.For.ToName);
            EndUnapproved(turn, p, s, StatusCode.Denied, "not allowed", journal: $"the policy has changed: {decision.Why}");
        }
    }

    private static bool IsTooOften(Turn turn, Vm vm, Party from, Pendrive p, VmName? to, PolicyDecision decision)
    {
        if (!IsQuiet(turn, from.Name)) return false;
        DenyCopy(turn, vm, from, p, to, decision, StatusCode.Denied, "the person has refused this VM several times within a minute, nobody is asked for a while", by: "quiet");
        return true;
    }

    /// <summary>The guest hears the same for everything that is nobody's business but dom0's.</summary>
    private static void DenyCopy(
        Turn turn, Vm vm, Party from, Pendrive p, VmName? to, PolicyDecision decision, StatusCode code, string why, string by = "policy")
    {
        turn.Decided(new(PolicyService.Copy, vm.Identity, from.Name, to, false, code)
        {
            Pendrive = p.Id,
            Rule = decision.Place,
            By = by,
            Why = why,
        });
        if (code == StatusCode.Denied) turn.Answer(vm.Identity, vm.Taken, code, "not allowed", p.Id, to, journal: why);
        else turn.AnswerGuarded(vm.Identity, vm.Taken, code, why, p.Id, to);
    }
}
