using System.Runtime.InteropServices;
using Qfx.Guest;
using Qfx.Guest.Commands;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Xen.Store;

// One file of many names: the name that it was called by, or else its first argument, says which program it is.
var name = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
if (name.StartsWith("qfx-guest", StringComparison.Ordinal) && args.Length > 0) (name, args) = (args[0], args[1..]);
var usage = name switch
{
    "qubes_penctl" => PenCtl.Usage,
    "qvm-copy-to-vm" => CopyToVm.Usage,
    "qubes_add_pendrive_script" => AddPendrive.Usage,
    _ => null,
};
if (usage is null || args is ["--help" or "-h"])
{
    Console.Out.WriteLine(usage ?? string.Join('\n', PenCtl.Usage, CopyToVm.Usage, AddPendrive.Usage));
    Console.Out.WriteLine("exit: " + string.Join(", ", Enum.GetValues<ExitCode>().Select(code => $"{(int)code} {code}")));
    return (int)(usage is null ? ExitCode.Usage : ExitCode.Ok);
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var host = GuestHost.FromEnvironment();
    var say = (string text) => Console.Out.WriteLine(Printable.Of(text));
    var store = await XsClient.ConnectAsync(XsEndpoint.FromEnvironment(), stop.Token);
    await using (store)
    {
        var pen = new PenClient(store, TimeProvider.System, say);
        return (int)await (name switch
        {
            "qubes_penctl" => PenCtl.RunAsync(args, host, pen, say, stop.Token),
            "qvm-copy-to-vm" => CopyToVm.RunAsync(args, host, pen, TimeProvider.System, say, stop.Token),
            _ => AddPendrive.RunAsync(args, host, store, pen, TimeProvider.System, say, stop.Token),
        });
    }
}
catch (GuestException e)
{
    Console.Error.WriteLine(e.Exit == ExitCode.Usage ? e.Message : $"{name}: {Printable.Of(e.Message)}");
    return (int)e.Exit;
}
catch (IOException e) when (e is XenstoreException or XenstoreConnectionException)
{
    Console.Error.WriteLine($"{name}: {Printable.Of(e.Message)}");
    return (int)ExitCode.NoAnswer;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine($"{name}: interrupted, nothing was sent.");
    return (int)ExitCode.Interrupted;
}
