using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>Finds lines that never decide anything, and parameters that mean nothing.</summary>
/// <remarks>
/// No word of a line says "not", so a VM of which less is known is matched by fewer lines. A line is therefore reached if and only
/// if one of the least requests that it fits is not decided before it: those are tried, with VMs that no line names.
/// </remarks>
public static class PolicyLint
{
    /// <summary>Every remark, in the order of the lines.</summary>
    public static ImmutableArray<PolicyProblem> Check(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var remarks = ImmutableArray.CreateBuilder<PolicyProblem>();
        foreach (var rule in policy.Rules)
        {
            if (Unreached(policy, rule) is { } why) remarks.Add(new(rule.Place, why));
            if (rule.HasUser) remarks.Add(new(rule.Place, "user= means nothing here: no program is started in a VM"));
            if (rule is { DefaultTarget: { } suggested, Redirect: { } redirect } && redirect != new PolicyToken.Named(suggested))
                remarks.Add(new(rule.Place, "default_target= means nothing beside target=: there is nothing to choose"));
        }

        return remarks.ToImmutable();
    }

    private static string? Unreached(Policy policy, PolicyRule rule)
    {
        if (rule.Argument is not ("*" or "+")) return "no request has an argument, so this line is never reached";
        var least = LeastRequests(policy, rule).ToArray();
        if (least.Length == 0) return $"no request for {rule.Service?.Word() ?? "any service"} is aimed at {rule.Target}, so this line is never reached";
        var before = new HashSet<string>();
        foreach (var (service, source, target, facts) in least)
        {
            var deciding = (policy with { Vms = facts }).Decide(service, source, target).Rule;
            if (ReferenceEquals(deciding, rule)) return null;
            if (deciding is not null) before.Add(deciding.Place);
        }

        return $"never reached: {string.Join(", ", before)} {(before.Count == 1 ? "decides" : "decide")} before it";
    }

    private static IEnumerable<(PolicyService, PolicyTarget, PolicyTarget, ImmutableDictionary<VmName, VmFacts>)> LeastRequests(
        Policy policy, PolicyRule rule)
    {
        var stranger = Unnamed(policy, "source");
        var other = Unnamed(policy, "target");
        var template = Unnamed(policy, "template");
        return
            from service in PolicyServices.All
            where rule.Is(service)
            from source in Sources(policy.Vms, rule.Source, stranger)
            from target in Targets(service, rule.Target, source.Vm, other, template, source.Facts)
            select (service, source.Vm, target.Vm, target.Facts);
    }

    private static Least[] Sources(ImmutableDictionary<VmName, VmFacts> vms, PolicyToken token, VmName stranger) => token switch
    {
        PolicyToken.Named named => [new(PolicyTarget.Of(named.Name), vms)],
        PolicyToken.Tagged tagged => [Some(stranger, Nobody with { Tags = [tagged.Tag] }, vms)],
        PolicyToken.Typed typed => [Some(stranger, Nobody with { Type = typed.Type }, vms)],
        PolicyToken.AdminVm => [new(PolicyTarget.Dom0, vms)],
        PolicyToken.AnyVm => [Some(stranger, Nobody, vms)],
        PolicyToken.Everything => [Some(stranger, Nobody, vms), new(PolicyTarget.Dom0, vms)],
        _ => [],
    };

    private static Least[] Targets(
        PolicyService service, PolicyToken token, PolicyTarget source, VmName other, VmName template, ImmutableDictionary<VmName, VmFacts> vms)
    {
        var dom0 = new Least(PolicyTarget.Dom0, vms);
        if (service is PolicyService.OpenInDvm or PolicyService.ViewInDvm)
        {
            var dispvm = new Least(PolicyTarget.NewDispvm, vms);
            return token switch
            {
                PolicyToken.Dispvm or PolicyToken.AnyVm => [dispvm],
                PolicyToken.DispvmOf of => [dispvm with { Facts = MadeOf(source, of.Template, vms) }],
                PolicyToken.DispvmTagged tagged =>
                    [dispvm with { Facts = MadeOf(source, template, vms.SetItem(template, Nobody with { Tags = [tagged.Tag] })) }],
                PolicyToken.AdminVm => [dom0],
                PolicyToken.Everything => [dispvm, dom0],
                _ => [],
            };
        }

        Least[] nobody = service is PolicyService.Copy ? [new(PolicyTarget.None, vms)] : [];
        return token switch
        {
            PolicyToken.Named named => [new(PolicyTarget.Of(named.Name), vms)],
            PolicyToken.Tagged tagged => [Some(other, Nobody with { Tags = [tagged.Tag] }, vms)],
            PolicyToken.Typed typed => [Some(other, Nobody with { Type = typed.Type }, vms)],
            PolicyToken.Default => nobody,
            PolicyToken.AdminVm => [dom0],
            PolicyToken.AnyVm => [Some(other, Nobody, vms), .. nobody],
            PolicyToken.Everything => [Some(other, Nobody, vms), .. nobody, dom0],
            _ => [],
        };
    }

    private static Least Some(VmName name, VmFacts facts, ImmutableDictionary<VmName, VmFacts> vms) =>
        new(PolicyTarget.Of(name), vms.SetItem(name, facts));

    /// <summary>Of a type that no line can name.</summary>
    private static VmFacts Nobody => new() { Type = "" };

    private static ImmutableDictionary<VmName, VmFacts> MadeOf(PolicyTarget source, VmName template, ImmutableDictionary<VmName, VmFacts> vms) =>
        source is PolicyTarget.Vm vm
            ? vms.SetItem(vm.Is.Name, vms.GetValueOrDefault(vm.Is.Name, VmFacts.Unknown) with { DispvmTemplate = template })
            : vms;

    /// <summary>A name that no line has.</summary>
    private static VmName Unnamed(Policy policy, string like)
    {
        var taken = policy.Rules.SelectMany(rule => new[] { rule.Source, rule.Target }).Select(token => token.Text).ToHashSet();
        for (var i = 0; ; i++)
        {
            var name = $"{like}{i}";
            if (!taken.Contains(name) && !taken.Contains($"@dispvm:{name}") && VmName.TryParse(name, out var free) && !policy.Vms.ContainsKey(free))
                return free;
        }
    }

    /// <summary>A party of which no more is known than a line wants, and what is known then.</summary>
    private sealed record Least(PolicyTarget Vm, ImmutableDictionary<VmName, VmFacts> Facts);
}
