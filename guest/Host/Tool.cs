using System.Diagnostics;
using System.Text;

namespace Qfx.Guest.Host;

/// <summary>Runs a program of the system: an argument list, never a shell; a clean environment; nothing to read; ended with us.</summary>
internal static class Tool
{
    private const int MaxOutput = 64 * 1024;

    /// <summary>So long a program that it left behind may hold its output open.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    /// <summary>And its errors: shorter, for kdialog's progress bar does, and the copying waits for its window.</summary>
    private static readonly TimeSpan ErrorsGrace = TimeSpan.FromMilliseconds(500);

    /// <param name="program">Its name.</param>
    /// <param name="arguments">Each reaches it as it is.</param>
    /// <param name="cancel">Kills it.</param>
    /// <param name="environment">What it is told besides; of ours it sees nothing else.</param>
    /// <exception cref="GuestException">It is not there.</exception>
    public static async Task<ToolResult> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = Start(program, arguments, environment);
        using (process)
        {
            process.StandardInput.Close();
            try
            {
                using var enoughOutput = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                using var enoughErrors = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                var output = ReadAsync(process.StandardOutput, enoughOutput.Token);
                var errors = ReadAsync(process.StandardError, enoughErrors.Token);
                await process.WaitForExitAsync(cancel).ConfigureAwait(false);
                enoughOutput.CancelAfter(OutputGrace);
                enoughErrors.CancelAfter(ErrorsGrace);
                var result = new ToolResult(process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
                cancel.ThrowIfCancellationRequested();
                return result;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Starts it; its three streams are ours.</summary>
    /// <exception cref="GuestException">It is not there.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["MTOOLS_SKIP_CHECK"] = "1";    // a pendrive has no geometry that mtools could agree with
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new GuestException(ExitCode.Failed, $"{program} is missing in this VM: install it.", e);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken enough)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer, enough).ConfigureAwait(false) is > 0 and var read)
            {
                if (text.Length < MaxOutput) text.Append(buffer, 0, read);
            }
        }
        catch (OperationCanceledException)
        {
            // A program that it left behind has the pipe.
        }

        return text.ToString();
    }
}
