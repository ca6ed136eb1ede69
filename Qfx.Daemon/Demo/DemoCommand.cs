using System.CommandLine;
using System.Globalization;
using System.Reactive;
using Microsoft.Extensions.Logging.Abstractions;
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
        var guest = new Option<string>("--guest") { Description = "the guest's program", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "qfx-guest") };
        var command = new Command("demo", "Sends files from one simulated VM to another, on the embedded xenstore.") { files, ask, guest };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(files) ?? [], parsed.GetValue(ask), parsed.GetValue(guest)!, cancel));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, bool ask, string guest, CancellationToken cancel)
    {
        var missing = files.Where(file => !Path.Exists(file)).ToArray();
        foreach (var file in missing) await Console.Error.WriteLineAsync($"demo: {file} is not there").ConfigureAwait(false);
        if (missing.Length > 0) return 2;
        var root = Directory.CreateTempSubdirectory("qfx-demo-").FullName;
        using var limited = ask ? new CancellationTokenSource() : new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancel);
        try
        {
            return await PlayAsync(root, files, ask, guest, either.Token).ConfigureAwait(false);
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

    private static async Task<int> PlayAsync(string root, string[] files, bool ask, string guest, CancellationToken cancel)
    {
        var timeline = new Timeline(Console.Out, TimeProvider.System);
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
                var over = new DemoWatch(timeline);
                var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(store));
                SimulatedVm Vm(SimulatedDomain domain, IReadOnlyDictionary<string, string> environment) => new(domain, guest, store.SocketOf(domain.Domid),
                    Path.Combine(options.DevicesFolder, domain.Domid.ToString()), Path.Combine(root, "vms", domain.Name), timeline.Say)
                { Environment = environment };
                using var guests = new DisposableGuests(root, Vm, stop.Token);
                using var disposables = new SimulatedDisposables(toolstack, guests.Start, guests.End);
                var daemon = ExchangeDaemon.RunAsync(
                    options, dom0, (IDialogs?)terminal ?? new YesDialogs(), NullLoggerFactory.Instance, over, stop.Token, disposables, guests);

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
                if (exit == 0) exit = await new DisposableScene(root, guests).PlayAsync(work, dom0, over.ForgottenAsync, options.Spool, stop.Token).ConfigureAwait(false);
                await stop.CancelAsync().ConfigureAwait(false);
                await daemon.ConfigureAwait(false);
                if (line.Length > 0) await Console.Out.WriteLineAsync(line).ConfigureAwait(false);
                return exit;
            }
        }
    }

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

    /// <summary>Tells the timeline, and who waits for it, how far it is.</summary>
    private sealed class DemoWatch(Timeline timeline) : ObserverBase<ExchangeStep>
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
            timeline.Say(value);
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
