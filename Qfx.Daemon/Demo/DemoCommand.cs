using System.CommandLine;
using System.Globalization;
using System.Reactive;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Ask;
using Qfx.Daemon.Control;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Options;
using Qfx.Daemon.Policy;
using Qfx.Daemon.Runner;
using Qfx.Streams.Exchange;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Demo;

/// <summary><c>qfilexchgd demo</c>: files go from one VM to another, with no Xen: the embedded store, this daemon, and two VMs that are processes.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "what to send (default: a few files made for it)", Arity = ArgumentArity.ZeroOrMore };
        var ask = new Option<bool>("--ask") { Description = "asks on the terminal instead of saying yes" };
        var watch = new Option<bool>("--watch") { Description = "shows the live view of qfilexchgd watch meanwhile" };
        var guest = new Option<string>("--guest") { Description = "the guest's program", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "qfx-guest") };
        var command = new Command("demo", "Sends files from one simulated VM to another, on the embedded xenstore.") { files, ask, watch, guest };
        command.SetAction((parsed, cancel) => RunAsync(new(
            parsed.GetValue(files) ?? [], parsed.GetValue(ask), parsed.GetValue(watch) && !parsed.GetValue(ask) && !Console.IsOutputRedirected, parsed.GetValue(guest)!), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Wishes wishes, CancellationToken cancel)
    {
        var missing = wishes.Files.Where(file => !Path.Exists(file)).ToArray();
        foreach (var file in missing) await Console.Error.WriteLineAsync($"demo: {file} is not there").ConfigureAwait(false);
        if (missing.Length > 0) return 2;
        var root = Directory.CreateTempSubdirectory("qfx-demo-").FullName;
        using var limited = wishes.Ask ? new CancellationTokenSource() : new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancel);
        try
        {
            return await PlayAsync(root, wishes, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"demo: not over after {Limit}").ConfigureAwait(false);
            return 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<int> PlayAsync(string root, Wishes wishes, CancellationToken cancel)
    {
        var (files, ask, watch, guest) = wishes;
        using var board = new ControlBoard(TimeProvider.System);
        using var screen = watch ? new LiveScreen(Console.Out, () => (Console.WindowWidth, Console.WindowHeight)) { Said = "the demo ends by itself" } : null;
        using var said = new StringWriter();    // the live view would take it with it
        var timeline = new Timeline(watch ? TextWriter.Null : Console.Out, TimeProvider.System);
        var sent = files.Length > 0 ? files.Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).ToArray() : DemoFiles.Make(Path.Combine(root, "documents"));
        var store = EmbeddedXenstore.Start(Path.Combine(root, "store"));
        await using (store.ConfigureAwait(false))
        {
            var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), cancel).ConfigureAwait(false);
            await using (dom0.ConfigureAwait(false))
            {
                var options = new DaemonOptions
                {
                    StoreSocket = store.SocketOf(Domid.Zero),
                    Spool = Path.Combine(root, "spool"),
                    Devices = DeviceKind.Simulated,
                    DevicesFolder = Path.Combine(root, "devices"),
                    PolicyFolder = Path.Combine(root, "policy"),
                    Questions = ask ? QuestionKind.Terminal : QuestionKind.None,
                };
                DefaultPolicy.WriteTo(options.PolicyFolder);
                using var terminal = ask ? new TerminalDialogs(Console.In, Console.Out) : null;
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                var over = new DemoWatch(step =>
                {
                    timeline.Say(step);
                    board.OnNext(step);
                    screen?.Draw(board.Overview(), board.Recent());
                });
                var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(store));
                SimulatedVm Vm(SimulatedDomain domain, IReadOnlyDictionary<string, string> environment) => new(domain, guest, store.SocketOf(domain.Domid),
                    Path.Combine(options.DevicesFolder, domain.Domid.ToString()), Path.Combine(root, "vms", domain.Name), timeline.Say)
                { Environment = environment };
                using var guests = new DisposableGuests(root, Vm, stop.Token);
                var database = new DemoDatabase(root);
                using var disposables = new SimulatedDisposables(toolstack, guests.Start, guests.End);
                var daemon = ExchangeDaemon.RunAsync(
                    options, dom0, (IDialogs?)terminal ?? new YesDialogs(), NullLoggerFactory.Instance, new() { Watch = over, Disposables = disposables, Database = database.Vms }, stop.Token);

                var nothing = new Dictionary<string, string>();
                var work = Vm(await toolstack.CreateAsync("work", cancel).ConfigureAwait(false), nothing);
                var personal = Vm(await toolstack.CreateAsync("personal", cancel).ConfigureAwait(false), nothing);
                await over.ReadyAsync(2).WaitAsync(cancel).ConfigureAwait(false);

                var receiving = personal.ReceiveAsync(stop.Token);
                var exit = await work.RunAsync("qvm-copy-to-vm", [personal.Name, .. sent], cancel).ConfigureAwait(false);
                if (exit == 0) exit = await receiving.ConfigureAwait(false);
                if (exit == 0) await over.EmptyAsync.WaitAsync(cancel).ConfigureAwait(false);
                var (line, compared) = exit == 0 ? Compare(sent, personal, options.Spool) : ("", exit);
                exit = compared;
                if (exit == 0) exit = await new DisposableScene(root, guests, database, said).PlayAsync(work, dom0, over.ForgottenAsync, options.Spool, stop.Token).ConfigureAwait(false);
                await stop.CancelAsync().ConfigureAwait(false);
                await daemon.ConfigureAwait(false);
                screen?.Dispose();
                await Console.Out.WriteAsync(said.ToString()).ConfigureAwait(false);
                if (line.Length > 0) await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
                return exit;
            }
        }
    }

    /// <summary>What is sent; whether the person is asked; whether the live view is shown; the guest's program.</summary>
    private sealed record Wishes(string[] Files, bool Ask, bool Watch, string Guest);

    private static (string Line, int Exit) Compare(string[] sent, SimulatedVm personal, string spool)
    {
        var before = DemoFiles.Sums(sent);
        var after = DemoFiles.Sums(Directory.EnumerateFileSystemEntries(Path.Combine(personal.Incoming, "work")));
        var left = Directory.EnumerateFiles(spool, "*.img").Count();
        var same = before.SequenceEqual(after);
        var line = string.Create(CultureInfo.InvariantCulture, $"demo: {before.Count} files, {before.Values.Sum(file => file.Bytes)} bytes, work -> personal, {(same ? "identical" : "DIFFERENT")}");
        if (left > 0) Console.Error.WriteLine($"demo: {left} images are left in the spool");
        return (line, same && left == 0 ? 0 : 1);
    }

    /// <summary>Tells whoever shows it, and who waits for it, how far it is.</summary>
    private sealed class DemoWatch(Action<ExchangeStep> tell) : ObserverBase<ExchangeStep>
    {
        private readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource forgotten = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool disposable;
        private int expected = int.MaxValue;
        private int prepared;

        /// <summary>A pendrive was there, and is gone.</summary>
        public Task EmptyAsync => empty.Task;

        /// <summary>A disposable VM was there, and nothing of it is left.</summary>
        public Task ForgottenAsync => forgotten.Task;

        /// <summary>So many domains can ask.</summary>
        public Task ReadyAsync(int domains)
        {
            expected = domains;
            if (Volatile.Read(ref prepared) >= domains) ready.TrySetResult();
            return ready.Task;
        }

        protected override void OnNextCore(ExchangeStep value)
        {
            tell(value);
            if (value.Cause is ExchangeEvent.Qpen { What: Streams.Requests.QpenEvent.Prepared } && Interlocked.Increment(ref prepared) >= expected)
                ready.TrySetResult();
            if (value.Cause is ExchangeEvent.Deleted && value.State.Pendrives.IsEmpty) empty.TrySetResult();
            disposable |= !value.State.Dvms.IsEmpty;
            if (disposable && value.State.Dvms.IsEmpty && value.State.Pendrives.IsEmpty) forgotten.TrySetResult();
        }

        protected override void OnErrorCore(Exception error)
        {
            empty.TrySetException(error);
            forgotten.TrySetException(error);
            ready.TrySetException(error);
        }

        protected override void OnCompletedCore()
        {
        }
    }
}
