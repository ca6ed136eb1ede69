using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>What the policy says to one request, and which line says so.</summary>
/// <param name="Verdict">What is to be done.</param>
/// <param name="Target">Whom it goes to: as the request named it, or as the line sends it elsewhere.</param>
/// <param name="Rule">The line; null where none fits.</param>
/// <param name="Why">In words, for the person, the journal and <c>policy check</c>.</param>
public sealed record PolicyDecision(PolicyVerdict Verdict, PolicyTarget Target, PolicyRule? Rule, string Why)
{
    /// <summary>Whether the person is to hear of it.</summary>
    public bool Notify => Rule?.Notify ?? true;

    /// <summary>Where the line stands, for the journal; a dash where there is none.</summary>
    public string Place => Rule?.Place ?? "-";
}

/// <summary>The lines of all policy files, in order, and what is known of VMs. The first line that fits decides; where none does, no.</summary>
public sealed record Policy
{
    private Policy(ImmutableArray<PolicyRule> rules, string? missing)
    {
        Rules = rules;
        Missing = missing;
    }

    /// <summary>The lines, in the order in which they are tried.</summary>
    public ImmutableArray<PolicyRule> Rules { get; }

    /// <summary>Why there is no policy; null where there is one.</summary>
    public string? Missing { get; }

    /// <summary>What is known of VMs, by name.</summary>
    public ImmutableDictionary<VmName, VmFacts> Vms { get; init; } = ImmutableDictionary<VmName, VmFacts>.Empty;

    /// <summary>A policy of these lines.</summary>
    public static Policy Of(IEnumerable<PolicyRule> rules) => new([.. rules], null);

    /// <summary>No policy: everything is denied.</summary>
    /// <param name="why">For whoever asks why.</param>
    public static Policy None(string why) => new([], why);

    /// <summary>What is known of a VM.</summary>
    public VmFacts FactsOf(PolicyVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return new PolicyToken.Facts(Vms).Of(vm);
    }

    /// <summary>The decision between two VMs: see the other one.</summary>
    public PolicyDecision Decide(PolicyService service, VmName source, VmName target) =>
        Decide(service, PolicyVm.Of(source), PolicyTarget.Of(target));

    /// <summary>The decision: that of the first line that fits.</summary>
    /// <param name="service">What is asked for.</param>
    /// <param name="source">Who asks.</param>
    /// <param name="target">What for. For a service with a disposable VM: <see cref="PolicyTarget.NewDispvm"/>. For a reply: who asked for it.</param>
    public PolicyDecision Decide(PolicyService service, PolicyVm source, PolicyTarget target)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Decide(service, new PolicyTarget.Vm(source), target);
    }

    /// <summary>The same where dom0 may be the source, which is for looking only: it never asks.</summary>
    public PolicyDecision Decide(PolicyService service, PolicyTarget source, PolicyTarget target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (Missing is not null) return new(PolicyVerdict.Deny, target, null, $"there is no policy: {Missing}");
        var facts = new PolicyToken.Facts(Vms);
        var sourceFacts = source is PolicyTarget.Vm vm ? facts.Of(vm.Is) : VmFacts.Unknown;
        foreach (var rule in Rules)
        {
            if (rule.Is(service) && rule.Source.Matches(source, VmFacts.Unknown, facts) && rule.Target.Matches(target, sourceFacts, facts))
                return Apply(rule, service, source, target);
        }

        return new(PolicyVerdict.Deny, target, null, "no line fits");
    }

    /// <summary>Whom the person may choose when the request named nobody.</summary>
    /// <param name="service">What is asked for.</param>
    /// <param name="source">Who asks.</param>
    /// <param name="running">Who could be chosen.</param>
    /// <returns>Those to whom a request by name would not be denied, and who is meant by it; the source is not among them.</returns>
    public ImmutableArray<VmName> Choices(PolicyService service, PolicyVm source, IEnumerable<PolicyVm> running)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(running);
        var all = running.ToImmutableArray();
        var names = all.Select(vm => vm.Name).ToImmutableHashSet();
        var unnamed = Decide(service, source, PolicyTarget.None);
        if (unnamed.Verdict == PolicyVerdict.Deny) return [];
        var meant = unnamed.Target is PolicyTarget.Vm only
            ? [only.Is.Name]
            : all.Select(vm => Decide(service, source, new PolicyTarget.Vm(vm)))
                .Where(decision => decision.Verdict != PolicyVerdict.Deny)
                .Select(decision => ((PolicyTarget.Vm)decision.Target).Is.Name);
        return [.. meant.Where(name => names.Contains(name) && name != source.Name).Distinct().OrderBy(name => name.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>What a line that fits comes to.</summary>
    private static PolicyDecision Apply(PolicyRule rule, PolicyService service, PolicyTarget source, PolicyTarget asked)
    {
        PolicyDecision Deny(string why) => new(PolicyVerdict.Deny, asked, rule, $"{rule.Place} {why}");
        if (rule.Verdict == PolicyVerdict.Deny) return Deny("says deny");
        var target = rule.Redirect switch
        {
            null => asked,
            PolicyToken.Named named => PolicyTarget.Of(named.Name),
            _ => PolicyTarget.NewDispvm,
        };
        var word = rule.Verdict == PolicyVerdict.Ask ? "ask" : "allow";
        if (service == PolicyService.Reply && target != asked) return Deny("sends it elsewhere, and a reply goes to who asked for it");
        if (source == PolicyTarget.Dom0 || target == PolicyTarget.Dom0) return Deny($"says {word}, but dom0 is never a party");
        if ((target == PolicyTarget.NewDispvm) != (service is PolicyService.OpenInDvm or PolicyService.ViewInDvm))
            return Deny($"says {word} to {target}, which {service.Word()} cannot be sent to");
        if (target == PolicyTarget.NewDispvm && !rule.Autostart) return Deny("says autostart=no, and a disposable VM would have to be started");
        if (target == PolicyTarget.None && rule.Verdict == PolicyVerdict.Allow) return Deny("says allow, but neither the request nor the line names a target");
        return new(rule.Verdict, target, rule, $"{rule.Place} says {word}{(rule.Redirect is null ? "" : $", to {target}")}");
    }
}
