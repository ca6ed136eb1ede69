using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Options;

/// <summary>How disks are plugged.</summary>
internal enum DeviceKind
{
    /// <summary>As links in a folder a domain, for the embedded store and tests: no Xen is needed.</summary>
    Simulated,
}

/// <summary>Who is asked.</summary>
internal enum QuestionKind
{
    /// <summary>Nobody can be asked: a question waits until its time is up.</summary>
    None,

    /// <summary>The person at the terminal that the daemon was started from.</summary>
    Terminal,
}

/// <summary>What the configuration file says, with its defaults. Once the daemon runs, it is valid.</summary>
internal sealed record DaemonOptions
{
    /// <summary>xenstored's socket; null for XENSTORED_PATH, /run/xenstored/socket or /dev/xen/xenbus, whichever is there.</summary>
    public string? StoreSocket { get; init; }

    /// <summary>Where images are, for the daemon alone.</summary>
    public string Spool { get; init; } = "/var/lib/qfx/spool";

    public DeviceKind Devices { get; init; } = DeviceKind.Simulated;

    /// <summary>Where simulated disks appear: a folder a domain, named by its domid.</summary>
    public string DevicesFolder { get; init; } = "/run/qfx/devices";

    public QuestionKind Questions { get; init; } = QuestionKind.None;

    /// <summary>Names of VMs that get no request key.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>What the rules can be told.</summary>
    public ExchangeSettings Exchange { get; init; } = new();

    /// <summary>Every fault, as a sentence with the value found and what is allowed.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (key, path) in new[] { ("spool folder", Spool), ("devices folder", DevicesFolder) })
        {
            if (!Path.IsPathFullyQualified(path)) yield return $"{key} is '{path}': it must be an absolute path";
        }

        if (StoreSocket is { } socket && !Path.IsPathFullyQualified(socket))
            yield return $"store socket is '{socket}': it must be an absolute path";
        var e = Exchange;
        if (e.MinMiB is < 40 or > 512 * 1024) yield return $"pendrive min_mib is {e.MinMiB}: 40 to {512 * 1024} are allowed";
        if (e.MaxMiB is < 40 or > 512 * 1024) yield return $"pendrive max_mib is {e.MaxMiB}: 40 to {512 * 1024} are allowed";
        if (e.MinMiB > e.MaxMiB) yield return $"pendrive min_mib is {e.MinMiB}: it must not be over max_mib, {e.MaxMiB}";
        if (e.SizeMiB < e.MinMiB || e.SizeMiB > e.MaxMiB)
            yield return $"pendrive size_mib is {e.SizeMiB}: min_mib to max_mib, {e.MinMiB} to {e.MaxMiB}, are allowed";
        if (e.WaitingPerReceiver is < 0 or > 64) yield return $"pendrive waiting is {e.WaitingPerReceiver}: 0 to 64 are allowed";
        foreach (var (key, time, most) in new[]
        {
            ("question", e.QuestionLimit, TimeSpan.FromDays(1)),
            ("unshown", e.UnshownLimit, TimeSpan.FromDays(7)),
            ("waiting", e.WaitingLimit, TimeSpan.FromDays(30)),
            ("detach", e.DetachLimit, TimeSpan.FromHours(1)),
            ("effect", e.EffectLimit, TimeSpan.FromHours(1)),
        })
        {
            if (time < TimeSpan.FromSeconds(1) || time > most) yield return $"time {key} is {time}: 00:00:01 to {most} are allowed";
        }
    }
}
