using System.Runtime.InteropServices;
using Qfx.Guest.Host;

namespace Qfx.Guest.Opening;

/// <summary>A systemd scope for one application: outside of the unit that we run in and of its bounds, and over when nothing is left in it.</summary>
internal static partial class Scope
{
    private const string Groups = "/sys/fs/cgroup";
    private const short PollPri = 2;

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
    /// <remarks>cgroup-v2, "[Un]populated Notification": a change of cgroup.events wakes poll(2) with POLLPRI.</remarks>
    internal static Task EmptyGroupAsync(string group, CancellationToken cancel) =>
        Task.Factory.StartNew(() => WaitUntilEmpty(group, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancel);

    private static string[] Manager => Libc.EffectiveUser() == 0 ? [] : ["--user"];

    private static void WaitUntilEmpty(string group, CancellationToken cancel)
    {
        try
        {
            using var events = File.OpenHandle($"{group}/cgroup.events");
            var text = new byte[256];
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var read = RandomAccess.Read(events, text, 0);
                if (text.AsSpan(0, read).IndexOf("populated 1"u8) < 0) return;
                var wait = new PollFd { Fd = (int)events.DangerousGetHandle(), Events = PollPri };
                _ = Poll(ref wait, 1, -1);
            }
        }
        catch (IOException)
        {
            // Gone: so it was empty.
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFd files, nuint count, int timeout);
}
