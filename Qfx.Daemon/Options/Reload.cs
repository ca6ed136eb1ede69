using System.Reactive;
using System.Reactive.Linq;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Logging;

namespace Qfx.Daemon.Options;

/// <summary>The configuration read anew while the daemon runs.</summary>
internal static class Reload
{
    /// <summary>An item for each SIGHUP, from when it is subscribed; the process does not end on it.</summary>
    public static IObservable<Unit> OnHangup() => Observable.Create<Unit>(observer =>
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            observer.OnNext(Unit.Default);
        }));

    /// <summary>The options after each reason to read them. What cannot change while the daemon runs stays as it was at the start.</summary>
    /// <param name="reasons">When to read.</param>
    /// <param name="read">Reads.</param>
    /// <param name="atStart">What the daemon was started with.</param>
    /// <param name="log">Told what was taken over, what waits for a restart, and what is wrong: with a fault nothing changes.</param>
    public static IObservable<DaemonOptions> Options(IObservable<Unit> reasons, Func<ReadOptions> read, DaemonOptions atStart, ILogger log) => reasons
        .Select(_ => read())
        .Where(now => IsGood(now, log))
        .Scan(atStart, (was, now) => TakeOver(was, now.Options, log));

    private static bool IsGood(ReadOptions now, ILogger log)
    {
        foreach (var problem in now.Problems) log.ConfigurationBroken(problem);
        if (!now.Problems.IsEmpty) log.ConfigurationKept();
        return now.Problems.IsEmpty;
    }

    private static DaemonOptions TakeOver(DaemonOptions was, DaemonOptions now, ILogger log)
    {
        var changed = Settings.All.Where(setting => setting.Show(was) != setting.Show(now)).ToArray();
        foreach (var setting in changed.Where(setting => !setting.Reloads)) log.NeedsRestart($"{setting.Section} {setting.Key}", setting.Show(now));
        var taken = changed.Where(setting => setting.Reloads).ToArray();
        log.ConfigurationRead(taken.Length == 0 ? "nothing" : string.Join(", ", taken.Select(setting => $"{setting.Section} {setting.Key} = {setting.Show(now)}")));
        return taken.Aggregate(was, (options, setting) => setting.Apply(options, setting.Show(now))) with { Vms = now.Vms };
    }
}
