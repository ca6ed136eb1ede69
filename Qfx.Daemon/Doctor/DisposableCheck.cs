using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>Disposable VMs can be made.</summary>
internal static class DisposableCheck
{
    private const string What = "disposable VMs";

    public static Finding Of(DaemonOptions options, Host host)
    {
        var d = options.Disposables;
        if (!options.Exchange.Disposables.Enabled) return Finding.Good(What, "switched off");
        if (!host.Has(d.Restore))
            return Finding.Warning(What, $"{d.Restore} is missing, so there are none", "on a plain Xen host set [disposable] restore = /usr/lib/qfx/qfx_restore; else enabled = no");
        foreach (var path in new[] { d.DefaultSavefile, d.SavefileRoot })
        {
            if (!host.Has(path)) return Finding.Warning(What, $"{path} is missing", "qfilexchgd dvm prepare NAME makes it from a guest that runs (docs/plain-xen.md)");
        }

        if (!host.Has(d.Savefile)) return Finding.Warning(What, $"{d.Savefile} is missing", $"it is made anew at the first use, by: {d.Update}");
        return File.GetLastWriteTimeUtc(Real(host.At(d.Savefile))) < File.GetLastWriteTimeUtc(Real(host.At(d.SavefileRoot)))
            ? Finding.Warning(What, $"{d.Savefile} is older than {d.SavefileRoot}", $"it is made anew at the next use, by: {d.Update}")
            : Finding.Good(What, $"the savefile is fresh, {options.Exchange.Disposables.Ready} are kept ready");
    }

    private static string Real(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
