using System.Collections.Immutable;
using Qfx.Daemon.Disposables;
using Qfx.Streams.Exchange;
using static Qfx.Daemon.Options.Setting;

namespace Qfx.Daemon.Options;

/// <summary>Every setting there is, in the order in which people read of them. What reads, shows and documents the configuration goes by this list.</summary>
internal static class Settings
{
    private const string AbsolutePath = "an absolute path";
    private const string Command = "a command: words without quotes";

    public static ImmutableArray<Setting> All { get; } =
    [
        Text("store", "socket", AbsolutePath, "xenstored's socket; unset: XENSTORED_PATH, /run/xenstored/socket or /dev/xen/xenbus, whichever is there",
            o => o.StoreSocket, (o, v) => o with { StoreSocket = v }),

        Text("spool", "folder", AbsolutePath, "where images are; made 0700, for one daemon alone", o => o.Spool, (o, v) => o with { Spool = v }),
        Number("spool", "max_mib", "MiB", "what all images may take of the disk together, the next one counted in full; `new` over it is told `no-space`",
            o => o.SpoolMiB, (o, v) => o with { SpoolMiB = v }),
        Number("spool", "per_vm_mib", "MiB", "what the pendrives that one VM has made may take of it together, whoever has them, the next one counted in full",
            o => o.SpoolPerVmMiB, (o, v) => o with { SpoolPerVmMiB = v }),
        Number("spool", "keep_free_mib", "MiB", "what is to stay free on that disk even if every pendrive that there is gets filled; `new` that would take of it is told `no-space`",
            o => o.SpoolKeepFreeMiB, (o, v) => o with { SpoolKeepFreeMiB = v }),
        YesNo("spool", "overwrite", "whether what was written on a pendrive is overwritten with zeros before its image is removed; no help on flash, btrfs or a snapshot: there, put the folder on an encrypted volume",
            o => o.SpoolOverwrite, (o, v) => o with { SpoolOverwrite = v }),

        Choice("devices", "kind", "how disks are plugged: by the daemon itself, by `xl block-attach` and `block-detach`, or as links in a folder a domain, without Xen",
            o => o.Devices, (o, v) => o with { Devices = v }, ("native", DeviceKind.Native), ("xl", DeviceKind.Xl), ("simulated", DeviceKind.Simulated)),
        Text("devices", "xl", AbsolutePath, "xl, for disks of that kind", o => o.Xl, (o, v) => o with { Xl = v }),
        Text("devices", "xl_script", "a name in /etc/xen/scripts", "the block script that xl uses; unset: Xen's own, which takes seconds", o => o.XlScript, (o, v) => o with { XlScript = v }),
        Text("devices", "script", AbsolutePath, "a program that does nothing, which libxl runs when it takes away a native disk", o => o.VbdScript, (o, v) => o with { VbdScript = v }),
        Text("devices", "folder", AbsolutePath, "where simulated disks appear", o => o.DevicesFolder, (o, v) => o with { DevicesFolder = v }),

        Choice("questions", "ask",
            "who is asked: nobody, so that a question waits until its time is up; the terminal that the daemon was started from; a program; "
            + "the person at the active graphical seat",
            o => o.Questions, (o, v) => o with { Questions = v },
            ("none", QuestionKind.None), ("terminal", QuestionKind.Terminal), ("command", QuestionKind.Command), ("desktop", QuestionKind.Desktop)),
        Text("questions", "command", AbsolutePath, "with `ask = command`: what is started for a question, with its number, the sender and the receiver; it exits with 0 for yes, 1 for no",
            o => o.QuestionCommand, (o, v) => o with { QuestionCommand = v }),
        Text("questions", "notify", AbsolutePath, "with any `ask` but `desktop`: what is started to tell the person what they need not answer, with a heading and a sentence or two; unset: nobody is told",
            o => o.NoticeCommand, (o, v) => o with { NoticeCommand = v }),
        Choice("questions", "tool", "with `ask = desktop`: what shows it; `auto` takes the first that is installed",
            o => o.QuestionTool, (o, v) => o with { QuestionTool = v }, ("auto", "auto"), ("zenity", "zenity"), ("yad", "yad"), ("kdialog", "kdialog")),

        Text("policy", "folder", AbsolutePath, "where the policy files are; they are followed, no reload is needed", o => o.PolicyFolder, (o, v) => o with { PolicyFolder = v }),

        Text("control", "socket", AbsolutePath, "where `qfilexchgd status` and its like ask; for root alone, and made anew at each start",
            o => o.ControlSocket, (o, v) => o with { ControlSocket = v }),

        Text("metrics", "otlp", "an address", "a collector that metrics are sent to, by OpenTelemetry's protocol over HTTP, such as http://127.0.0.1:4318/v1/metrics; "
            + "the unit lets no address through until that is allowed: docs/control.md", o => o.Otlp, (o, v) => o with { Otlp = v }),

        Number("pendrive", "size_mib", "MiB", "of one that was asked for without a size", o => o.Exchange.SizeMiB, (o, v) => Exchange(o, e => e with { SizeMiB = v }))
            with { Reloads = true },
        Number("pendrive", "min_mib", "MiB", "the smallest one that can be asked for", o => o.Exchange.MinMiB, (o, v) => Exchange(o, e => e with { MinMiB = v }))
            with { Reloads = true },
        Number("pendrive", "max_mib", "MiB", "the largest one that can be asked for; guests are told it", o => o.Exchange.MaxMiB, (o, v) => Exchange(o, e => e with { MaxMiB = v })),
        Number("pendrive", "waiting", "a number", "pendrives that may wait for one receiver",
            o => o.Exchange.WaitingPerReceiver, (o, v) => Exchange(o, e => e with { WaitingPerReceiver = v })) with { Reloads = true },

        Number("pendrive", "per_vm", "a number", "pendrives that one VM has made and that are not deleted yet, whoever has them; `new` over it is told `busy`",
            o => o.Exchange.PendrivesPerVm, (o, v) => Exchange(o, e => e with { PendrivesPerVm = v })) with { Reloads = true },

        Number("domains", "requests_per_second", "a number", "requests of one VM that are taken in a second, after three in a row; of those that it writes meanwhile only the last counts",
            o => o.Exchange.RequestsPerSecond, (o, v) => Exchange(o, e => e with { RequestsPerSecond = v })),
        Number("domains", "refusals_per_minute", "a number", "lines of the journal about what one VM was refused; the rest is counted",
            o => o.Exchange.RefusalsWrittenPerMinute, (o, v) => Exchange(o, e => e with { RefusalsWrittenPerMinute = v })) with { Reloads = true },
        Text("domains", "exclude", "names", "VMs that get no request key", o => string.Join(' ', o.Excluded),
            (o, v) => o with { Excluded = v.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) }),
        YesNo("domains", "reveal_names", "whether a guest may learn that another VM exists or is busy",
            o => o.Exchange.RevealNames, (o, v) => Exchange(o, e => e with { RevealNames = v })) with { Reloads = true },

        YesNo("disposable", "enabled", "whether files may be opened in disposable VMs, where the restore command is there",
            o => o.Exchange.Disposables.Enabled, (o, v) => Dvms(o, d => d with { Enabled = v })),
        Text("disposable", "restore", AbsolutePath, "the command that makes one", o => o.Disposables.Restore, (o, v) => Host(o, h => h with { Restore = v })),
        YesNo("disposable", "restore_paused", "it knows `-p`: the VM is left paused until it is known on disk what it may do",
            o => o.Disposables.RestorePaused, (o, v) => Host(o, h => h with { RestorePaused = v })),
        Number("disposable", "ready", "0 to 16", "disposable VMs that are made ahead and kept paused, under the red label: who has another one in the list of VMs gets one made for it; needs `restore_paused`",
            o => o.Exchange.Disposables.Ready, (o, v) => Dvms(o, d => d with { Ready = v })),
        YesNo("disposable", "keep_dvms", "what has done its work is kept, for debugging",
            o => o.Exchange.Disposables.Keep, (o, v) => Dvms(o, d => d with { Keep = v })) with { Reloads = true },
        Text("disposable", "update", Command, "makes the savefile anew", o => o.Disposables.Update, (o, v) => Host(o, h => h with { Update = v })),
        Text("disposable", "destroy", Command, "ends a VM; the domid is added", o => o.Disposables.Destroy, (o, v) => Host(o, h => h with { Destroy = v })),
        Text("disposable", "unpause", Command, "lets a paused VM run; the domid is added", o => o.Disposables.Unpause, (o, v) => Host(o, h => h with { Unpause = v })),
        Text("disposable", "savefile", AbsolutePath, "what is restored; missing, it is made anew", o => o.Disposables.Savefile, (o, v) => Host(o, h => h with { Savefile = v })),
        Text("disposable", "default_savefile", AbsolutePath, "what the savefile is a copy of", o => o.Disposables.DefaultSavefile, (o, v) => Host(o, h => h with { DefaultSavefile = v })),
        Text("disposable", "savefile_root", AbsolutePath, "the disk that the savefile belongs to; a savefile that is older is made anew",
            o => o.Disposables.SavefileRoot, (o, v) => Host(o, h => h with { SavefileRoot = v })),
        Text("disposable", "report", AbsolutePath, "where the restore command says what it made", o => o.Disposables.Report, (o, v) => Host(o, h => h with { Report = v })),
        Text("disposable", "memory_socket", AbsolutePath, "the memory manager's socket, where there is one", o => o.Disposables.MemorySocket, (o, v) => Host(o, h => h with { MemorySocket = v })),
        Number("disposable", "memory_mib", "MiB", "what the memory manager is asked for", o => o.Disposables.MemoryMiB, (o, v) => Host(o, h => h with { MemoryMiB = v })),
        Text("disposable", "database", AbsolutePath, "the host's list of VMs, where there is one", o => o.Disposables.Database, (o, v) => Host(o, h => h with { Database = v })),

        Time("time", "question", "how long a question stays on the screen", o => o.Exchange.QuestionLimit, (o, v) => Exchange(o, e => e with { QuestionLimit = v })),
        Time("time", "unshown", "how long it may wait to be shown", o => o.Exchange.UnshownLimit, (o, v) => Exchange(o, e => e with { UnshownLimit = v })),
        Time("time", "quiet", "how long nobody is asked about a VM that the person has refused three times within a minute",
            o => o.Exchange.QuietTime, (o, v) => Exchange(o, e => e with { QuietTime = v })),
        Time("time", "waiting", "how long a pendrive waits for a busy receiver", o => o.Exchange.WaitingLimit, (o, v) => Exchange(o, e => e with { WaitingLimit = v })),
        Time("time", "savefile_update", "how long the savefile's update may take",
            o => o.Exchange.Disposables.UpdateLimit, (o, v) => Dvms(o, d => d with { UpdateLimit = v })),
        Time("time", "restore", "how long the restore command may take", o => o.Exchange.Disposables.RestoreLimit, (o, v) => Dvms(o, d => d with { RestoreLimit = v })),
        Time("time", "detach", "how long a VM may take to let go of a disk", o => o.Exchange.DetachLimit, (o, v) => Exchange(o, e => e with { DetachLimit = v })),
        Time("time", "effect", "how long anything else may take", o => o.Exchange.EffectLimit, (o, v) => Exchange(o, e => e with { EffectLimit = v })),
        Time("time", "metrics", "how often metrics are sent", o => o.OtlpEvery, (o, v) => o with { OtlpEvery = v }) with { Reloads = false },
    ];

    private static DaemonOptions Exchange(DaemonOptions options, Func<ExchangeSettings, ExchangeSettings> change) =>
        options with { Exchange = change(options.Exchange) };

    private static DaemonOptions Dvms(DaemonOptions options, Func<DvmSettings, DvmSettings> change) =>
        Exchange(options, e => e with { Disposables = change(e.Disposables) });

    private static DaemonOptions Host(DaemonOptions options, Func<DisposableOptions, DisposableOptions> change) =>
        options with { Disposables = change(options.Disposables) };
}
