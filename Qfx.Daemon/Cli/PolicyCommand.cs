using System.CommandLine;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Streams.Domains;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd policy</c>: what the files say, without a daemon.</summary>
internal static class PolicyCommand
{
    private const string Services = "qfx.Copy, qfx.OpenInDvm, qfx.ViewInDvm or qfx.Reply";

    public static Command Create()
    {
        var file = new Option<string?>("--config", "-c") { Description = $"the configuration file (default: {OptionsFile.DefaultPath})" };
        var folder = new Option<string?>("--folder") { Description = "the policy folder (default: as the configuration says)" };
        var source = new Argument<string>("SOURCE") { Description = "who asks: a VM's name, or dom0" };
        var target = new Argument<string>("TARGET") { Description = "whom for: a VM's name, dom0, @dispvm (a new disposable VM) or @default (nobody is named)" };
        var service = new Option<string?>("--service", "-s") { Description = $"{Services} (default: those that can have such a target)" };
        var check = new Command("check", "Says which line decides, and why. Exit code: 0 allow, 1 ask, 2 deny; of several services the strictest.")
        {
            source, target, service, file, folder,
        };
        check.SetAction(parsed => Check(
            Read(parsed.GetValue(file), parsed.GetValue(folder)), parsed.GetValue(source)!, parsed.GetValue(target)!, parsed.GetValue(service)));
        var lint = new Command("lint", "Finds mistakes, and lines that never decide. Exit code: 0 none, 1 some, 78 the files cannot be used.") { file, folder };
        lint.SetAction(parsed => Lint(Read(parsed.GetValue(file), parsed.GetValue(folder))));
        return new("policy", "What the policy files say.") { check, lint };
    }

    private static Streams.Policy.Policy? Read(string? file, string? folder)
    {
        var (options, faults) = OptionsFile.Read(file);
        foreach (var fault in faults) Console.Error.WriteLine($"qfilexchgd: {fault}");
        if (faults.Count > 0) return null;
        var (policy, problems) = PolicyFolder.Read(folder ?? options.PolicyFolder);
        foreach (var problem in problems) Console.Error.WriteLine($"qfilexchgd: {problem}");
        return policy is null ? null : policy with { Vms = options.Vms };
    }

    private static int Lint(Streams.Policy.Policy? policy)
    {
        if (policy is null) return RunCommand.BadConfiguration;
        var remarks = PolicyLint.Check(policy);
        foreach (var remark in remarks) Console.WriteLine(remark);
        if (remarks.Length == 0) Console.WriteLine($"{policy.Rules.Length} lines, and each can decide something");
        return remarks.Length == 0 ? 0 : 1;
    }

    private static int Check(Streams.Policy.Policy? policy, string sourceWord, string targetWord, string? serviceWord)
    {
        if (policy is null) return RunCommand.BadConfiguration;
        var services = PolicyServices.All.Where(service => serviceWord is null ? Fits(service, targetWord) : service.Word() == serviceWord).ToArray();
        if (Target(sourceWord) is not { } source || Target(targetWord) is not { } target || sourceWord.StartsWith('@') || services.Length == 0)
        {
            Console.Error.WriteLine($"qfilexchgd: SOURCE is a VM's name or dom0, TARGET the same, @dispvm or @default, and the service {Services}");
            return 64;
        }

        var strictest = PolicyVerdict.Allow;
        foreach (var service in services)
        {
            var decision = policy.Decide(service, source, target);
            Console.WriteLine($"{service.Word(),-13} {sourceWord} -> {targetWord}: {decision.Verdict.ToString().ToLowerInvariant()}: {decision.Why}");
            if (decision.Verdict < strictest) strictest = decision.Verdict;
        }

        return (int)(PolicyVerdict.Allow - strictest);
    }

    private static bool Fits(PolicyService service, string target) => service switch
    {
        PolicyService.OpenInDvm or PolicyService.ViewInDvm => target is "@dispvm",
        PolicyService.Reply => target is not ("@dispvm" or "@default"),
        _ => target is not "@dispvm",
    };

    private static PolicyTarget? Target(string word) => word switch
    {
        "dom0" or "@adminvm" or "Domain-0" => PolicyTarget.Dom0,
        "@dispvm" => PolicyTarget.NewDispvm,
        "@default" => PolicyTarget.None,
        _ => VmName.TryParse(word, out var name) ? PolicyTarget.Of(name) : null,
    };
}
