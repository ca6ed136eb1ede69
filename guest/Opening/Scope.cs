using Qfx.Guest.Host;

namespace Qfx.Guest.Opening;

/// <summary>A systemd scope for one application: outside of the unit that we run in and of its bounds, and over when nothing is left in it.</summary>
internal static class Scope
{
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>Whether this VM has systemd, with control groups of today. Without them, processes alone are waited for.</summary>
    public static bool IsThere => Directory.Exists("/run/systemd/system") && File.Exists($"{Groups}/cgroup.controllers") && File.Exists("/usr/bin/systemd-run");

    /// <summary>The words before a command that run it in a scope.</summary>
    public static string[] Words(string unit) =>
        ["systemd-run", .. Manager, "--scope", "--quiet", $"--unit={unit}", "--description=A file opened in a disposable VM (Qfx)", "--"];

    /// <summary>Ends when the scope is empty, or gone.</summary>
    public static async Task EmptyAsync(string unit, CancellationToken cancel)
    {
        var (exit, output) = await Tool.RunAsync("systemctl", [.. Manager, "show", "--property=ControlGroup", "--value", "--", $"{unit}.scope"], cancel).ConfigureAwait(false);
        if (exit != 0 || output.Trim() is not ['/', ..] group) return;
        await EmptyGroupAsync(Groups + group, cancel).ConfigureAwait(false);
    }

    /// <summary>Ends when a control group has no process, or is gone.</summary>
    internal static async Task EmptyGroupAsync(string group, CancellationToken cancel)
    {
        try
        {
            await KernelChanges.UntilAsync($"{group}/cgroup.events", events => !events.Contains("populated 1", StringComparison.Ordinal), cancel).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Gone: so it was empty.
        }
    }

    private static string[] Manager => Libc.EffectiveUser() == 0 ? [] : ["--user"];
}
