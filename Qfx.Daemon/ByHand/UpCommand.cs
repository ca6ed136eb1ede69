using System.CommandLine;
using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Daemon.Control;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Daemon.Runner;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Serilog.Events;

namespace Qfx.Daemon.ByHand;

/// <summary><c>qfilexchgd up</c>: this daemon on the embedded store, with no Xen, until it is told to end. It asks on its terminal.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var root = new Option<string>("--root") { Description = "its folder", DefaultValueFactory = _ => Playground.Default };
        var guest = new Option<string>("--guest") { Description = "the guest's program", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "qfx-guest") };
        var command = new Command("up", "Runs on the embedded xenstore, for simulated VMs: see qfilexchgd vm.") { root, guest };
        command.SetAction((parsed, cancel) => RunAsync(new(Path.GetFullPath(parsed.GetValue(root)!)), Path.GetFullPath(parsed.GetValue(guest)!), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Playground place, string guest, CancellationToken cancel)
    {
        await Task.Yield();    // the command line's library listens for Ctrl-C only once this has returned
        try
        {
            using var held = place.Open(guest);
            await ServeAsync(place, guest, cancel).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"qfilexchgd: {place.Root} cannot be used: {e.Message}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync("qfilexchgd: if another one is up there, end it, or take an empty folder with --root.").ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task ServeAsync(Playground place, string guest, CancellationToken cancel)
    {
        var store = EmbeddedXenstore.Start(place.Store);
        await using (store.ConfigureAwait(false))
        {
            var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(place.SocketOf(Domid.Zero)), cancel).ConfigureAwait(false);
            await using (dom0.ConfigureAwait(false))
            {
                var timeline = new Timeline(Console.Out, TimeProvider.System);
                var options = new DaemonOptions
                {
                    StoreSocket = place.SocketOf(Domid.Zero),
                    Spool = place.Spool,
                    Devices = DeviceKind.Simulated,
                    DevicesFolder = place.Devices,
                    PolicyFolder = place.Policy,
                    Questions = QuestionKind.Terminal,
                };
                DefaultPolicy.WriteTo(options.PolicyFolder);
                var levels = new LogLevels(LogEventLevel.Warning);
                using var logs = Logs.Create(levels);
                var centre = new ControlCentre(TimeProvider.System, levels);
                await using var _ = centre.ConfigureAwait(false);
                using var terminal = new TerminalDialogs(Console.In, Console.Out);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(store));
                using var guests = new DisposableGuests(place.Root, (domain, told) => place.Vm(domain, guest, timeline.Say, told), stop.Token);
                using var disposables = new SimulatedDisposables(toolstack, guests.Start, guests.End);
                var served = new List<Task>();

                async Task<Domid> MakeAsync(VmName name, CancellationToken ct)
                {
                    var domain = await toolstack.CreateAsync(name.ToString(), ct).ConfigureAwait(false);
                    served.Add(place.Vm(domain, guest, timeline.Say).ServeAsync(stop.Token));
                    await CanAskAsync(dom0, domain.Domid, ct).ConfigureAwait(false);
                    return domain.Domid;
                }

                timeline.Say("dom0", $"up in {place.Root}. In two more terminals: ./qfx vm work, and ./qfx vm personal. Ctrl-C ends it.");
                timeline.Say("dom0", $"To look on: {Environment.ProcessPath} watch --socket {place.Control}");
                try
                {
                    using var vms = VmRequests.Serve(dom0, MakeAsync).Subscribe(
                        _ => { }, e => { timeline.Say("dom0", $"VMs can no longer be made: {e.Message}"); });
                    await ExchangeDaemon.RunAsync(options, dom0, terminal, logs, new()
                    {
                        Disposables = disposables,
                        Database = new DemoDatabase(place.Root).Vms,
                        Watch = Observer.Create<ExchangeStep>(step =>
                        {
                            timeline.Say(step);
                            centre.OnNext(step);
                        }),
                        PolicyReasons = centre.Orders.Reloads,
                        Orders = centre.Orders.Events,
                        Started = () => centre.Listen(place.Control),
                    }, cancel).ConfigureAwait(false);
                }
                finally
                {
                    await stop.CancelAsync().ConfigureAwait(false);
                    await Task.WhenAll(served).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    /// <summary>The daemon has made the node that a request is written to.</summary>
    private static async Task CanAskAsync(XsClient dom0, Domid domid, CancellationToken cancel)
    {
        var qpen = XsPath.Home(domid) / "device/qpen";
        await dom0.Watch(qpen)
            .Select(_ => Observable.FromAsync(ct => dom0.TryReadAsync(qpen, ct)))
            .Concat()
            .FirstAsync(value => value is not null)
            .ToTask(cancel).ConfigureAwait(false);
    }
}
