using Qfx.Daemon.Cli;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>The daemon runs, and will after the next start of the host.</summary>
internal static class UnitCheck
{
    private const string What = "daemon";
    private const string Unit = "qfilexchgd.service";

    public static async Task<Finding> RunAsync(DaemonOptions options, Host host, CancellationToken cancel)
    {
        if (!host.Has("/run/systemd/system"))
        {
            return EnsureRunning.IsHeld(host.At(options.Spool)) switch
            {
                true => Finding.Good(What, "runs (without systemd)"),
                false => Finding.Bad(What, "does not run", "start it: qfilexchgd run"),
                null => Finding.Warning(What, "cannot be seen by this user", "run qfilexchgd doctor as root"),
            };
        }

        var active = await host.Ask(new("systemctl", "is-active", Unit), cancel).ConfigureAwait(false);
        if (active != "active") return Finding.Bad(What, $"{Unit} is {active ?? "not known"}", $"systemctl enable --now {Unit}; journalctl -xeu {Unit} says why it ended");
        var enabled = await host.Ask(new("systemctl", "is-enabled", Unit), cancel).ConfigureAwait(false);
        return enabled == "enabled"
            ? Finding.Good(What, $"{Unit} is active, and enabled")
            : Finding.Warning(What, $"{Unit} is active, but {enabled ?? "not known"}", $"systemctl enable {Unit}");
    }
}
