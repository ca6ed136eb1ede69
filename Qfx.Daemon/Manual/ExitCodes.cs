namespace Qfx.Daemon.Manual;

/// <summary>What a command ends with: sysexits.h where it has a number for it.</summary>
internal static class ExitCodes
{
    public static (int Code, string Means)[] All { get; } =
    [
        (0, "It is done; for a command that answers a question, the answer is yes."),
        (1, "It was not done, and stderr says why; for a command that answers a question, the answer is no (policy check: the person would be asked)."),
        (2, "policy check: the policy denies it. demo: a program that it needs is missing."),
        (64, "The words cannot be understood."),
        (69, "xenstored, or the daemon, cannot be reached."),
        (75, "dvm restore: there is not enough memory; it may work later."),
        (77, "The daemon takes orders from root alone, and you are not."),
        (78, "The configuration or the policy has a fault; stderr names file and line."),
    ];
}
