using System.Collections.Immutable;
using CsCheck;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;

namespace Qfx.Tests.Streams.Policy;

/// <summary>Random policies of few words, so that lines cover each other often.</summary>
public class PolicyPropertyTests
{
    private static readonly VmName[] Names = [.. new[] { "a", "b", "c" }.Select(VmName.Parse)];

    private static readonly Gen<ImmutableDictionary<VmName, VmFacts>> Facts = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], (x, y) =>
        Names.Select((name, i) => KeyValuePair.Create(name, new VmFacts
        {
            Tags = [.. (string[])[.. (x >> i & 1) == 1 ? ["x"] : Array.Empty<string>(), .. (y >> i & 1) == 1 ? ["y"] : Array.Empty<string>()]],
            Type = i == 2 ? "TemplateVM" : "AppVM",
            DispvmTemplate = i == 0 ? Names[2] : null,
        })).ToImmutableDictionary());

    private static readonly Gen<string> Line = Gen.Select(
        One("*", "qfx.Copy", "qfx.OpenInDvm", "qfx.ViewInDvm", "qfx.Reply"),
        One("*", "@anyvm", "@adminvm", "a", "b", "@tag:x", "@tag:y", "@type:AppVM", "@type:TemplateVM"),
        One("*", "@anyvm", "@adminvm", "a", "b", "@tag:x", "@tag:y", "@type:AppVM", "@default", "@dispvm", "@dispvm:c", "@dispvm:@tag:x"),
        One("allow target=a", "ask", "deny"),
        (service, source, target, action) => $"{service} * {source} {target} {action}");

    private static readonly Gen<Qfx.Streams.Policy.Policy> Policies = Gen.Select(
        Line.Array[0, 8], Facts, (lines, facts) => PolicyParser.Parse([new("a.policy", string.Join('\n', lines))]).Policy! with { Vms = facts });

    private static readonly PolicyTarget[] Parties = [PolicyTarget.Dom0, .. Names.Select(PolicyTarget.Of)];

    [Fact]
    public void The_decision_is_always_that_of_the_first_line_that_fits_alone() => Policies.Sample(
        policy =>
        {
            foreach (var (service, source, target) in Requests())
            {
                var decision = policy.Decide(service, source, target);
                var first = policy.Rules.FirstOrDefault(rule =>
                    (Qfx.Streams.Policy.Policy.Of([rule]) with { Vms = policy.Vms }).Decide(service, source, target).Rule is not null);
                Assert.Same(first, decision.Rule);
                var alone = first is null ? null : Qfx.Streams.Policy.Policy.Of([first]) with { Vms = policy.Vms };
                Assert.Equal(alone?.Decide(service, source, target).Verdict ?? PolicyVerdict.Deny, decision.Verdict);
            }
        },
        iter: 2_000);

    [Fact]
    public void Dom0_is_never_a_party_and_a_reply_never_goes_elsewhere() => Policies.Sample(
        policy =>
        {
            foreach (var (service, source, target) in Requests())
            {
                var decision = policy.Decide(service, source, target);
                if (decision.Verdict == PolicyVerdict.Deny) continue;
                Assert.NotEqual(PolicyTarget.Dom0, source);
                Assert.NotEqual(PolicyTarget.Dom0, decision.Target);
                if (service == PolicyService.Reply) Assert.Equal(target, decision.Target);
            }
        },
        iter: 2_000);

    [Fact]
    public void A_line_that_lint_calls_unreached_decides_no_request() => Policies.Sample(
        policy =>
        {
            var remarks = PolicyLint.Check(policy).Where(r => r.What.Contains("never reached", StringComparison.Ordinal)).Select(r => r.Place).ToHashSet();
            foreach (var (service, source, target) in Requests())
            {
                if (policy.Decide(service, source, target).Rule is { } rule) Assert.DoesNotContain(rule.Place, remarks);
            }
        },
        iter: 2_000);

    [Fact]
    public void Who_may_be_chosen_could_have_been_named_or_is_who_the_line_means() => Policies.Sample(
        policy =>
        {
            var running = Names.Select(PolicyVm.Of).ToArray();
            foreach (var source in running)
            {
                var unnamed = policy.Decide(PolicyService.Copy, source, PolicyTarget.None);
                foreach (var choice in policy.Choices(PolicyService.Copy, source, running))
                {
                    Assert.NotEqual(source.Name, choice);
                    Assert.NotEqual(PolicyVerdict.Deny, unnamed.Verdict);
                    Assert.True(unnamed.Target == PolicyTarget.Of(choice)
                        || running.Any(vm => policy.Decide(PolicyService.Copy, source, new PolicyTarget.Vm(vm)) is { Verdict: not PolicyVerdict.Deny } d
                            && d.Target == PolicyTarget.Of(choice)));
                }
            }
        },
        iter: 2_000);

    /// <summary>Those that can be made: a new disposable VM only where one is asked for, no target only for a copy.</summary>
    private static IEnumerable<(PolicyService, PolicyTarget, PolicyTarget)> Requests() =>
        from service in PolicyServices.All
        from source in Parties
        from target in service switch
        {
            PolicyService.Copy => [.. Parties, PolicyTarget.None],
            PolicyService.Reply => Parties,
            _ => (PolicyTarget[])[PolicyTarget.NewDispvm, PolicyTarget.Dom0],
        }
        select (service, source, target);

    private static Gen<string> One(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
