using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Qfx.Guest.Opening;

/// <summary>Runs a program, and waits for all that it starts: many an application lets its first process end at once.</summary>
/// <remarks>
/// prctl(2), PR_SET_CHILD_SUBREAPER: whoever among them loses its parent becomes ours, so wait(2) tells when the last one has
/// ended. To be used while no other child runs.
/// </remarks>
internal static partial class ProcessTree
{
    private const int SetSubreaper = 36;    // PR_SET_CHILD_SUBREAPER
    private const int Interrupted = 4;      // EINTR

    /// <summary>Runs it to the end of its last process.</summary>
    /// <param name="command">An argument list.</param>
    /// <param name="environment">All that it is told.</param>
    /// <param name="line">Takes what it prints.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The exit code of the first process; null if the program is not there.</returns>
    public static async Task<int?> RunAsync(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Action<string> line, CancellationToken cancel)
    {
        _ = SetProcess(SetSubreaper, 1, 0, 0, 0);
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        foreach (var (name, value) in environment) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        using (process)
        {
            process.StandardInput.Close();
            process.OutputDataReceived += (_, e) => Tell(e.Data);
            process.ErrorDataReceived += (_, e) => Tell(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            await Task.Factory.StartNew(WaitForOthers, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancel).ConfigureAwait(false);
            return process.ExitCode;
        }

        void Tell(string? text)
        {
            if (!string.IsNullOrEmpty(text)) line(text);
        }
    }

    /// <summary>Ends when we have no child left.</summary>
    private static void WaitForOthers()
    {
        while (Wait(-1, out _, 0) > 0 || Marshal.GetLastPInvokeError() == Interrupted)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetProcess(int option, ulong one, ulong two, ulong three, ulong four);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int Wait(int process, out int status, int options);
}
