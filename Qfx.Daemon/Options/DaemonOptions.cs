using System.Collections.Immutable;
using Qfx.Daemon.Control;
using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Options;

/// <summary>How disks are plugged.</summary>
internal enum DeviceKind
{
    /// <summary>By ioctl and xenstore nodes, with no toolstack process.</summary>
    Native,

    /// <summary>By xl block-attach and block-detach.</summary>
    Xl,

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

    /// <summary>A program of the host's: see <see cref="DaemonOptions.QuestionCommand"/>.</summary>
    Command,

    /// <summary>The person at the active graphical seat.</summary>
    Desktop,
}

/// <summary>What the configuration file says, with its defaults. Once the daemon runs, it is valid.</summary>
internal sealed record DaemonOptions
{
    /// <summary>xenstored's socket; null for XENSTORED_PATH, /run/xenstored/socket or /dev/xen/xenbus, whichever is there.</summary>
    public string? StoreSocket { get; init; }

    /// <summary>Where images are, for the daemon alone.</summary>
    public string Spool { get; init; } = "/var/lib/qfx/spool";

    /// <summary>What all images may have allocated on the disk together, in MiB; a new one counts in full.</summary>
    public int SpoolMiB { get; init; } = 64 * 1024;

    /// <summary>What the pendrives that one VM has made may have allocated together, in MiB; a new one counts in full.</summary>
    public int SpoolPerVmMiB { get; init; } = 20 * 1024;

    /// <summary>What must stay free on the spool's disk even if every pendrive is filled, in MiB.</summary>
    public int SpoolKeepFreeMiB { get; init; } = 256;

    /// <summary>Whether a deleted image is overwritten before it is removed.</summary>
    public bool SpoolOverwrite { get; init; }

    public DeviceKind Devices { get; init; } = DeviceKind.Native;

    /// <summary>xl itself, for disks of that kind.</summary>
    public string Xl { get; init; } = "/usr/sbin/xl";

    /// <summary>The block script that xl uses, in /etc/xen/scripts; null for Xen's own.</summary>
    public string? XlScript { get; init; }

    /// <summary>A program that does nothing, for libxl to run when it takes away a native disk.</summary>
    public string VbdScript { get; init; } = "/usr/lib/qfx/vbd-script";

    /// <summary>Where simulated disks appear: a folder a domain, named by its domid.</summary>
    public string DevicesFolder { get; init; } = "/run/qfx/devices";

    public QuestionKind Questions { get; init; } = QuestionKind.None;

    /// <summary>What is started for a question, with its number, the sender and the receiver; it exits with 0 for yes and 1 for no.</summary>
    public string? QuestionCommand { get; init; }

    /// <summary>What is started to tell the person what they need not answer, with a heading and a text; null for nothing.</summary>
    public string? NoticeCommand { get; init; }

    /// <summary>Where what disposable VMs are made of is on this host.</summary>
    public DisposableOptions Disposables { get; init; } = new();

    /// <summary>Where it is kept what each disposable VM may do.</summary>
    public string DisposableRecords => Path.Combine(Spool, "disposables");

    /// <summary>What a question is shown with on a desktop: <c>auto</c>, <c>zenity</c>, <c>yad</c> or <c>kdialog</c>.</summary>
    public string QuestionTool { get; init; } = "auto";

    /// <summary>The socket on which <c>qfilexchgd status</c> and its like ask.</summary>
    public string ControlSocket { get; init; } = "/run/qfx/control";

    /// <summary>Notes of what was taken and not spoken of yet: beside the control socket, which is in memory and not on a disk that guests can fill.</summary>
    public string Notes => ControlSocket + ".taken";

    /// <summary>A collector's address for metrics, by OpenTelemetry's protocol over HTTP; null: nothing is sent.</summary>
    public string? Otlp { get; init; }

    /// <summary>How often they are sent.</summary>
    public TimeSpan OtlpEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the policy files are.</summary>
    public string PolicyFolder { get; init; } = "/etc/qubes/qfx-policy.d";

    /// <summary>Labels and tags of VMs, where there is no Qubes database.</summary>
    public ImmutableDictionary<VmName, VmFacts> Vms { get; init; } = ImmutableDictionary<VmName, VmFacts>.Empty;

    /// <summary>Names of VMs that get no request key.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>What the rules can be told.</summary>
    public ExchangeSettings Exchange { get; init; } = new();

    /// <summary>Every fault, as a sentence with the value found and what is allowed.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (key, path) in new[]
        {
            ("spool folder", Spool), ("devices folder", DevicesFolder), ("devices script", VbdScript), ("devices xl", Xl), ("policy folder", PolicyFolder),
            ("control socket", ControlSocket),
        })
        {
            if (!Path.IsPathFullyQualified(path)) yield return $"{key} is '{path}': it must be an absolute path";
        }

        if (StoreSocket is { } socket && !Path.IsPathFullyQualified(socket))
            yield return $"store socket is '{socket}': it must be an absolute path";
        if (!ControlServer.IsPath(ControlSocket))
            yield return $"control socket is '{ControlSocket}': a socket's path has 1 to {ControlServer.LongestPath} bytes";
        if (Questions == QuestionKind.Command && !Path.IsPathFullyQualified(QuestionCommand ?? ""))
            yield return $"questions command is '{QuestionCommand}': with ask = command it must be an absolute path";
        if (NoticeCommand is { } notice && !Path.IsPathFullyQualified(notice))
            yield return $"questions notify is '{notice}': it must be an absolute path";
        if (XlScript is { } script && !script.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/'))
            yield return $"devices xl_script is '{script}': letters, digits, - _ . and / are allowed";
        if (Otlp is { } collector && !(Uri.TryCreate(collector, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            yield return $"metrics otlp is '{collector}': it must be an address such as http://127.0.0.1:4318/v1/metrics";
        var e = Exchange;
        foreach (var problem in Disposables.Problems(e.Disposables.Ready)) yield return problem;
        if ((SpoolMiB < e.MaxMiB && e.MaxMiB <= 512 * 1024) || SpoolMiB > 16 * 1024 * 1024)
            yield return $"spool max_mib is {SpoolMiB}: {e.MaxMiB} (the largest pendrive) to {16 * 1024 * 1024} are allowed";
        if ((SpoolPerVmMiB < e.MaxMiB && e.MaxMiB <= 512 * 1024) || SpoolPerVmMiB > 16 * 1024 * 1024)
            yield return $"spool per_vm_mib is {SpoolPerVmMiB}: {e.MaxMiB} (the largest pendrive) to {16 * 1024 * 1024} are allowed";
        if (SpoolKeepFreeMiB is < 0 or > 1024 * 1024) yield return $"spool keep_free_mib is {SpoolKeepFreeMiB}: 0 to {1024 * 1024} are allowed";
        if (e.MinMiB is < 40 or > 512 * 1024) yield return $"pendrive min_mib is {e.MinMiB}: 40 to {512 * 1024} are allowed";
        if (e.MaxMiB is < 40 or > 512 * 1024) yield return $"pendrive max_mib is {e.MaxMiB}: 40 to {512 * 1024} are allowed";
        if (e.MinMiB > e.MaxMiB) yield return $"pendrive min_mib is {e.MinMiB}: it must not be over max_mib, {e.MaxMiB}";
        if (e.SizeMiB < e.MinMiB || e.SizeMiB > e.MaxMiB)
            yield return $"pendrive size_mib is {e.SizeMiB}: min_mib to max_mib, {e.MinMiB} to {e.MaxMiB}, are allowed";
        if (e.PendrivesPerVm is < 1 or > 64) yield return $"pendrive per_vm is {e.PendrivesPerVm}: 1 to 64 are allowed";
        if (e.RequestsPerSecond is < 1 or > 1000) yield return $"domains requests_per_second is {e.RequestsPerSecond}: 1 to 1000 are allowed";
        if (e.RefusalsWrittenPerMinute is < 1 or > 10_000) yield return $"domains refusals_per_minute is {e.RefusalsWrittenPerMinute}: 1 to 10000 are allowed";
        if (e.WaitingPerReceiver is < 0 or > 64) yield return $"pendrive waiting is {e.WaitingPerReceiver}: 0 to 64 are allowed";
        foreach (var (key, time, most) in new[]
        {
            ("question", e.QuestionLimit, TimeSpan.FromDays(1)),
            ("unshown", e.UnshownLimit, TimeSpan.FromDays(7)),
            ("quiet", e.QuietTime, TimeSpan.FromDays(1)),
            ("waiting", e.WaitingLimit, TimeSpan.FromDays(30)),
            ("detach", e.DetachLimit, TimeSpan.FromHours(1)),
            ("savefile_update", e.Disposables.UpdateLimit, TimeSpan.FromHours(4)),
            ("restore", e.Disposables.RestoreLimit, TimeSpan.FromHours(1)),
            ("effect", e.EffectLimit, TimeSpan.FromHours(1)),
            ("metrics", OtlpEvery, TimeSpan.FromDays(1)),
        })
        {
            if (time < TimeSpan.FromSeconds(1) || time > most) yield return $"time {key} is {time}: 00:00:01 to {most} are allowed";
        }
    }
}
