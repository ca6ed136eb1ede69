using System.Globalization;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Block;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Images;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Runner;

/// <summary>The wiring, top to bottom: the one place where the pipeline is subscribed.</summary>
internal static class ExchangeDaemon
{
    /// <summary>Serves until cancelled.</summary>
    /// <param name="options">Valid ones.</param>
    /// <param name="store">dom0's connection.</param>
    /// <param name="dialogs">Who is asked.</param>
    /// <param name="logs">Where it is written down.</param>
    /// <param name="around">What there is around it.</param>
    /// <param name="cancel">Ends it; what is attached stays attached.</param>
    /// <exception cref="XenstoreConnectionException">xenstored is gone; nothing is deleted on that.</exception>
    public static async Task RunAsync(
        DaemonOptions options, IXenstore store, IDialogs dialogs, ILoggerFactory logs, Around around, CancellationToken cancel)
    {
        var (disposables, database) = (around.Disposables, around.Database);
        var log = logs.CreateLogger("Qfx");
        using var images = ImageStore.Open(options.Spool, options.SpoolMiB, options.SpoolKeepFreeMiB, overwrite: options.SpoolOverwrite);
        await using var overwriter = new Overwriter(images, log);
        using var file = TakenFile.TryOpen(options.Notes, File.ReadAllText("/proc/sys/kernel/random/boot_id"), log);
        ITakenNotes notes = file is null ? new NoTakenNotes() : file;
        var disks = DaemonDisks.Create(options, store);
        var records = DvmRecords.Open(options.DisposableRecords);
        var earlier = await EarlierRun.FindAsync(images, disks, records, options.Exchange.DetachLimit, log, cancel).ConfigureAwait(false);

        var settings = SettingsOf(options);
        using var dvms = disposables is null ? null
            : new DvmEffects(store, disposables, database ?? new NoVmDatabase(), records, id => Path.GetFileName(images.PathOf(Effects.FileOf(id))));
        if (dvms is not null && await dvms.FindUnrecordedAsync(cancel).ConfigureAwait(false) is { } unrecorded)
        {
            log.EndsUnrecorded(unrecorded.Name.ToString(), unrecorded.Domid.Value);
            earlier = earlier with { Dvms = earlier.Dvms.Add(new(unrecorded, null, Used: false, Reply: null)) };
        }
        else
        {
            dvms?.AwaitEarlier(settings.Disposables.RestoreLimit, late => log.EndsUnrecorded(late.Name.ToString(), late.Domid.Value));
        }

        var changed = around.Changes.Publish().RefCount();
        var policies = PolicyFolder.Follow(options.PolicyFolder, logs.CreateLogger("Qfx.Policy"), TaskPoolScheduler.Default, around.PolicyReasons)
            .CombineLatest(changed.Select(now => now.Vms).StartWith(options.Vms), (policy, vms) => (ExchangeEvent)new ExchangeEvent.PolicyChanged(policy with { Vms = vms }));
        var effects = new Effects(store, disks, images, dialogs, TimeProvider.System, logs.CreateLogger<Effects>(), dvms) { Notifier = dialogs as INotifier ?? (options.NoticeCommand is { } notify ? new CommandNotifier(notify) : null), Share = new(images, options.SpoolPerVmMiB), Notes = notes, Stopping = cancel };
        using var rules = new EventLoopScheduler(start => new Thread(start) { Name = "rules", IsBackground = true });
        var scheduler = new RulesScheduler(rules, DefaultScheduler.Instance);
        using var directory = new DomainDirectory();
        var requests = ExchangeInputs.Of(directory, store, notes, domain => TakesPart(domain, options), Ready(settings), settings.RequestsPerSecond, scheduler);
        var inputs = policies.Merge(changed.Select(now => new ExchangeEvent.SettingsChanged(SettingsOf(now)))).Merge(around.Orders).Merge(requests);
        var steps = ExchangeLoop.Run(inputs.StartWith(disposables is null ? earlier with { Dvms = [] } : earlier), settings, effects.Execute, notes, scheduler);

        ExchangeSettings SettingsOf(DaemonOptions now) => now.Exchange with
        {
            Disposables = now.Exchange.Disposables with { Enabled = now.Exchange.Disposables.Enabled && disposables is not null },
        };

        around.Started();
        log.Started(options.Spool, options.StoreSocket ?? "default", options.Devices.ToString(), options.Questions.ToString());
        using var running = around.Running(rules);
        try
        {
            await steps.Do(around.Watch ?? System.Reactive.Observer.Create<ExchangeStep>(_ => { }))
                .IgnoreElements()
                .Select(_ => System.Reactive.Unit.Default)
                .Merge(directory.Follow(store).IgnoreElements())
                .ToTask(cancel)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            log.Stopped();
        }
    }

    /// <summary>What a guest reads in its first status.</summary>
    internal static string Ready(ExchangeSettings settings) =>
        string.Create(CultureInfo.InvariantCulture, $"qfx/1 max={settings.MaxMiB} vfat raw{(settings.Disposables.Enabled ? " disposable" : "")}");

    /// <summary>Where some are excluded, one that has no name yet may be one of them: it waits until it has.</summary>
    private static bool TakesPart(Domain domain, DaemonOptions options) =>
        domain.Name is { } name ? !options.Excluded.Contains(name.ToString()) : options.Excluded.Count == 0;
}
