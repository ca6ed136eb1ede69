using System.Diagnostics;
using Qfx.Daemon.Options;
using Qfx.Daemon.Processes;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd</c> with no argument, as the first VM's GUI start calls it on Qubes: the one instance runs afterwards, and the exit code is 0.</summary>
internal static class EnsureRunning
{
    private const string Unit = "qfilexchgd.service";

    /// <summary>What a daemon cannot run without, it misses within this time.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(CancellationToken cancel)
    {
        var spool = OptionsFile.Read(null).Options.Spool;
        if (IsHeld(spool) is true) return 0;
        if (Directory.Exists("/run/systemd/system"))
        {
            var started = await ProcessRunner.RunAsync(new("systemctl", "start", Unit), cancel).ConfigureAwait(false);
            if (started.Exit == 0) return 0;
            await Console.Error.WriteLineAsync($"qfilexchgd: systemctl start {Unit} failed: journalctl -xeu {Unit} says why").ConfigureAwait(false);
            return 1;
        }

        // Without systemd: a session of its own, so that it outlives whoever called.
        using var daemon = Process.Start(new ProcessStartInfo("setsid", [Environment.ProcessPath!, "run"]) { UseShellExecute = false, WorkingDirectory = "/" })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AtOnce);
        try
        {
            await daemon.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }

        return daemon.ExitCode == 0 ? 0 : 1;    // it has said why
    }

    /// <summary>Whoever serves holds the lock in the spool. Null: this user may not see it.</summary>
    public static bool? IsHeld(string spool)
    {
        try
        {
            using var mine = new FileStream(Path.Combine(spool, "lock"), FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
