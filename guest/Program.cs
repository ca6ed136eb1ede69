using System.Runtime.InteropServices;
using Qfx.Guest;
using Qfx.Guest.Commands;
using Qfx.Guest.Host;
using Qfx.Xen.Store;

// One file of many names (Commands/Programs.cs): the name that it was called by, or else its first argument, says which program it is.
var name = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
if (name.StartsWith("qfx-guest", StringComparison.Ordinal) && args.Length > 0) (name, args) = (args[0], args[1..]);
if (!Programs.All.TryGetValue(name, out var program) || args is ["--help" or "-h"])
{
    Console.Out.WriteLine(program?.Usage ?? string.Join('\n', Programs.All.Values.Select(each => each.Usage)));
    Console.Out.WriteLine("exit: " + string.Join(", ", Enum.GetValues<ExitCode>().Select(code => $"{(int)code} {code}")));
    return (int)(program is null ? ExitCode.Usage : ExitCode.Ok);
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
    await using var call = new Call(args, GuestHost.FromEnvironment(), TimeProvider.System, text => Console.Out.WriteLine(Printable.Of(text)), stop.Token);
    return (int)await program.RunAsync(call);
}
catch (GuestException e)
{
    Console.Error.WriteLine(e.Exit == ExitCode.Usage ? e.Message : $"{name}: {Printable.Lines(e.Message)}");
    return (int)e.Exit;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"{name}: {Printable.Of(e.Message)}");
    return (int)(e is XenstoreException or XenstoreConnectionException ? ExitCode.NoAnswer : ExitCode.Failed);
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine($"{name}: interrupted.");
    return (int)ExitCode.Interrupted;
}
