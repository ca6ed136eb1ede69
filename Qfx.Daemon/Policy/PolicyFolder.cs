using System.Collections.Immutable;
using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Text;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Files;
using Qfx.Daemon.Logging;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Policy;

/// <summary>The folder of policy files: read, and read again when it changes.</summary>
internal static class PolicyFolder
{
    /// <summary>An editor writes a file in several steps: it is read once they are over.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads all files.</summary>
    /// <returns>The policy, or every reason why there is none.</returns>
    public static (Streams.Policy.Policy? Policy, ImmutableArray<PolicyProblem> Problems) Read(string folder)
    {
        var files = new List<PolicyFile>();
        var problems = ImmutableArray.CreateBuilder<PolicyProblem>();
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Where(path => PolicyParser.IsPolicyFile(Path.GetFileName(path))))
            {
                var name = Path.GetFileName(path);
                if ((File.GetUnixFileMode(path) & UnixFileMode.OtherWrite) != 0) problems.Add(new(name, "everybody may write it: chmod o-w"));
                using var file = File.OpenRead(path);
                if (file.Length > PolicyParser.MaxText) problems.Add(new(name, $"it has more than {PolicyParser.MaxText} bytes"));
                else files.Add(new(name, new StreamReader(file, Encoding.UTF8).ReadToEnd()));
            }
        }
        catch (DirectoryNotFoundException)
        {
            return (null, [new(folder, "there is no such folder")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(folder, e.Message));
        }

        if (problems.Count > 0) return (null, problems.ToImmutable());
        if (files.Count == 0) return (null, [new(folder, $"there is no file *{PolicyParser.Suffix} in it")]);
        return PolicyParser.Parse(files);
    }

    /// <summary>Reads it at once and after each change.</summary>
    /// <returns>
    /// First, while subscribing, the policy that there is, or one that denies everything; then each one that is good. One that is not keeps the last
    /// good one in force, and is an error in the log until it is mended.
    /// </returns>
    /// <param name="folder">Need not exist yet.</param>
    /// <param name="log">Told of every reading.</param>
    /// <param name="time">Where it waits for an editor to be done.</param>
    /// <param name="reasons">Reasons to read it, beside a change.</param>
    public static IObservable<Streams.Policy.Policy> Follow(string folder, ILogger log, IScheduler time, IObservable<Unit>? reasons = null) => FolderChanges.Of(folder)
        .Throttle(Settle, time)
        .Merge(reasons ?? Observable.Never<Unit>())
        .Merge(Observable.Return(Unit.Default))    // while it is watched already
        .Select(_ => Read(folder))
        .Scan((Streams.Policy.Policy?)null, (last, read) => Report(folder, last, read.Policy, read.Problems, log))
        .Select(policy => policy!)
        .DistinctUntilChanged<Streams.Policy.Policy>(ReferenceEqualityComparer.Instance);

    private static Streams.Policy.Policy Report(
        string folder, Streams.Policy.Policy? last, Streams.Policy.Policy? read, ImmutableArray<PolicyProblem> problems, ILogger log)
    {
        if (read is not null)
        {
            if (last is null || last.Missing is not null || !last.Rules.SequenceEqual(read.Rules)) log.PolicyRead(folder, read.Rules.Length);
            else return last;
            return read;
        }

        foreach (var problem in problems) log.PolicyBroken(problem.Place, problem.What);
        if (last is { Missing: null })
        {
            log.PolicyKept(folder, last.Rules.Length);
            return last;
        }

        log.PolicyMissing(folder);
        return Streams.Policy.Policy.None(problems[0].ToString());
    }
}
