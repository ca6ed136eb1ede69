using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Qfx.Daemon.Processes;

/// <summary>What a program left.</summary>
/// <param name="Exit">Its exit code; 128 and the signal where one ended it.</param>
/// <param name="Output">Its stdout, up to the bound.</param>
/// <param name="Error">Its stderr, up to the bound.</param>
internal sealed record ProcessResult(int Exit, string Output, string Error);

/// <summary>A program to run: found by its name or path, given a list of arguments, never through a shell.</summary>
/// <param name="File">A path, or a name to be found in PATH.</param>
/// <param name="Arguments">One each.</param>
internal sealed record ProgramCall(string File, params IReadOnlyList<string> Arguments)
{
    /// <summary>The whole of its environment; null for this program's own.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Whose rights it gets, by name; null for this program's own.</summary>
    public string? User { get; init; }

    /// <summary>Where it starts; null for the root folder.</summary>
    public string? Folder { get; init; }
}

/// <summary>Runs programs of dom0.</summary>
internal static class ProcessRunner
{
    /// <summary>Letters of stdout and of stderr that are kept; the rest is read and forgotten, so that the program never blocks.</summary>
    public const int MaxOutput = 64 * 1024;

    /// <summary>What a program of dom0 needs, and nothing of this daemon's own: not the socket on which systemd is told that it is ready, for one.</summary>
    public static IReadOnlyDictionary<string, string> CleanEnvironment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["HOME"] = "/root",
    };

    /// <summary>So long what it started, and left running, may hold its output open once it has ended itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it to its end. Its stdin is empty.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">Cancelled: it, and what it started, has been killed.</exception>
    public static Task<ProcessResult> RunAsync(ProgramCall call, CancellationToken cancel) => RunAsync(call, null, cancel);

    /// <summary>The same.</summary>
    /// <param name="call">What to run.</param>
    /// <param name="started">Told its process number once it runs.</param>
    /// <param name="cancel">Kills it.</param>
    public static async Task<ProcessResult> RunAsync(ProgramCall call, Action<int>? started, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = Info(call) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new IOException($"{call.File} cannot be started: {e.Message}", e);
        }

        process.StandardInput.Close();
        started?.Invoke(process.Id);
        using var enough = new CancellationTokenSource();
        var output = ReadAsync(process.StandardOutput, enough.Token);
        var error = ReadAsync(process.StandardError, enough.Token);
        var killed = cancel.Register(() => Kill(process));
        await using (killed.ConfigureAwait(false))
        {
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        enough.CancelAfter(Grace);
        var result = new ProcessResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        cancel.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>Where PATH has a program; null where it has none.</summary>
    public static string? Find(string name) => (System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(path => File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.OtherExecute)) != 0);

    private static ProcessStartInfo Info(ProgramCall call)
    {
        var info = new ProcessStartInfo(call.File, call.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.Folder ?? "/",
        };
        if (call.User is { } user) info.UserName = user;
        if (call.Environment is { } environment)
        {
            info.Environment.Clear();
            foreach (var (name, value) in environment) info.Environment[name] = value;
        }

        return info;
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken enough)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer, enough).ConfigureAwait(false) is > 0 and var read)
                kept.Append(buffer, 0, Math.Min(read, MaxOutput - kept.Length));
        }
        catch (OperationCanceledException)
        {
            // A program that it left behind has the pipe; that one's words are nobody's.
        }

        return kept.ToString();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended, or ends.
        }
    }
}
