using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>Everything that is looked at, in the order in which things need each other.</summary>
internal static class Checkup
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(ReadOptions read, Host host, CancellationToken cancel)
    {
        if (!read.Problems.IsEmpty)
            return [.. read.Problems.Select(problem => Finding.Bad("configuration", problem, "mend it: with a fault the daemon does not start; what else is looked at depends on it"))];
        var options = read.Options;
        return
        [
            Finding.Good("configuration", read.Files.IsEmpty ? "no file: every setting has its default" : string.Join(", ", read.Files)),
            await UnitCheck.RunAsync(options, host, cancel).ConfigureAwait(false),
            await StoreCheck.RunAsync(options, cancel).ConfigureAwait(false),
            .. DiskChecks.Of(options, host),
            DiskChecks.UdevRule(host),
            SpoolCheck.Of(options, host),
            .. await QuestionChecks.RunAsync(options, host, cancel).ConfigureAwait(false),
            PolicyCheck.Of(options, host),
            DisposableCheck.Of(options, host),
        ];
    }
}
