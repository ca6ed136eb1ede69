using System.Globalization;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Block;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Images;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Options;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
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
    /// <param name="watch">Sees each turn of the rules.</param>
    /// <param name="cancel">Ends it; what is attached stays attached.</param>
    /// <exception cref="XenstoreConnectionException">xenstored is gone; nothing is deleted on that.</exception>
    public static async Task RunAsync(
        DaemonOptions options, IXenstore store, IDialogs dialogs, ILoggerFactory logs, IObserver<ExchangeStep>? watch, CancellationToken cancel)
    {
        var log = logs.CreateLogger("Qfx");
        using var images = ImageStore.Open(options.Spool);
        var disks = new SimulatedDisks(store, options.DevicesFolder);
        await disks.SweepAsync(cancel).ConfigureAwait(false);
        if (images.Sweep() is > 0 and var swept) log.SpoolSwept(swept);

        var effects = new Effects(store, disks, images, dialogs, TimeProvider.System, logs.CreateLogger<Effects>());
        using var rules = new EventLoopScheduler(start => new Thread(start) { Name = "rules", IsBackground = true });
        using var directory = new DomainDirectory();
        var inputs = ExchangeInputs.Of(directory, store, domain => TakesPart(domain, options), Ready(options.Exchange));
        var steps = ExchangeLoop.Run(inputs, options.Exchange, effects.Execute, rules);

        log.Started(options.Spool, options.StoreSocket ?? "default", options.Devices.ToString(), options.Questions.ToString());
        try
        {
            await steps.Do(watch ?? System.Reactive.Observer.Create<ExchangeStep>(_ => { }))
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
        string.Create(CultureInfo.InvariantCulture, $"qfx/1 max={settings.MaxMiB} vfat raw");

    private static bool TakesPart(Domain domain, DaemonOptions options) =>
        domain.Name is not { } name || !options.Excluded.Contains(name.ToString());
}
