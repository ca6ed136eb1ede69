using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Doctor;

/// <summary>There is a policy, and each of its lines can decide.</summary>
internal static class PolicyCheck
{
    private const string What = "policy";

    public static Finding Of(DaemonOptions options, Host host)
    {
        var (policy, problems) = PolicyFolder.Read(host.At(options.PolicyFolder));
        if (policy is null) return Finding.Bad(What, problems[0].ToString(), "mend it: until then everything is denied; packaging/policy/90-default.policy is one to start from");
        var remarks = PolicyLint.Check(policy);
        return remarks.IsEmpty
            ? Finding.Good(What, $"{policy.Rules.Length} lines in {options.PolicyFolder}")
            : Finding.Warning(What, remarks[0].ToString(), "qfilexchgd policy lint says more");
    }
}
