using Qfx.Daemon.Processes;

namespace Qfx.Daemon.Doctor;

/// <summary>The machine as the checks see it: its files under a root that a test may set, and its programs.</summary>
/// <param name="Root">What stands before every absolute path; empty for the machine itself.</param>
internal sealed record Host(string Root = "")
{
    /// <summary>Whether a program is to be found in PATH.</summary>
    public Func<string, bool> HasProgram { get; init; } = name => ProcessRunner.Find(name) is not null;

    /// <summary>Runs a program and gives its first line; null where there is none, or where it does not end within five seconds.</summary>
    public Func<ProgramCall, CancellationToken, Task<string?>> Ask { get; init; } = AskAsync;

    public string At(string path) => Root + path;

    public bool Has(string path) => Path.Exists(At(path));

    /// <summary>The first of these that is there.</summary>
    public string? FirstOf(params IEnumerable<string> paths) => paths.FirstOrDefault(Has);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static async Task<string?> AskAsync(ProgramCall call, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        try
        {
            var result = await ProcessRunner.RunAsync(call, limited.Token).ConfigureAwait(false);
            return result.Output.Split('\n')[0].Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
