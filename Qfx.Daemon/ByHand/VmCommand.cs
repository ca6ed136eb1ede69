using System.CommandLine;
using System.Runtime.InteropServices;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Daemon.ByHand;

/// <summary><c>qfilexchgd vm NAME</c>: a shell that is a simulated VM of <c>up</c>'s.</summary>
internal static partial class VmCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "which VM; it is made if there is none" };
        var words = new Argument<string[]>("COMMAND") { Description = "what to run in it (default: a shell)", Arity = ArgumentArity.ZeroOrMore };
        var root = new Option<string>("--root") { Description = "the folder of qfilexchgd up", DefaultValueFactory = _ => Playground.Default };
        var command = new Command("vm", "A shell in a simulated VM of qfilexchgd up.") { name, words, root };
        command.SetAction((parsed, cancel) =>
            RunAsync(new(Path.GetFullPath(parsed.GetValue(root)!)), parsed.GetValue(name)!, parsed.GetValue(words) ?? [], cancel));
        return command;
    }

    private static async Task<int> RunAsync(Playground place, string text, string[] words, CancellationToken cancel)
    {
        if (!VmName.TryParse(text, out var name))
            return Failed("that is no name for a VM: up to 31 letters, digits, dots, dashes and underscores, the first of them a letter or a digit.", 2);
        Domid domid;
        try
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limited.CancelAfter(Limit);
            var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(place.SocketOf(Domid.Zero)), XsClientOptions.ShortLived, limited.Token).ConfigureAwait(false);
            await using (dom0.ConfigureAwait(false)) domid = await VmRequests.AskAsync(dom0, name, limited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is XenstoreConnectionException or XenstoreException or OperationCanceledException)
        {
            return Failed($"nothing answers in {place.Root}: start ./qfx up in another terminal first.", 1);
        }

        var vm = place.Vm(new SimulatedDomain(domid, Guid.Empty, name.ToString()), "", (_, _) => { });
        vm.Prepare();
        if (words.Length == 0)
        {
            Console.WriteLine($"This is {name}. Try: echo hello >letter.txt; qvm-copy-to-vm personal letter.txt");
            Console.WriteLine("What comes is in incoming/. exit leaves; the VM runs on as long as ./qfx up.");
            words = ["bash", "--norc", "-i"];
        }

        // env sets SIGPIPE back, which .NET ignores and which a shell could not change.
        string[] line =
        [
            "env", "--default-signal=PIPE", "-C", vm.Home,
            .. vm.Variables.Select(variable => $"{variable.Key}={variable.Value}"),
            $"PATH={place.Bin}:{Environment.GetEnvironmentVariable("PATH")}",
            $"PS1=[{name}] \\W\\$ ",
            .. words,
        ];
        _ = Execute("env", [.. line.Select(Marshal.StringToCoTaskMemUTF8), 0]);    // ended by a null
        return Failed($"env cannot be run: {Marshal.GetLastPInvokeErrorMessage()}", 1);
    }

    private static int Failed(string words, int exit)
    {
        Console.Error.WriteLine($"qfilexchgd: {words}");
        return exit;
    }

    /// <summary>This process becomes the VM's: the terminal, and Ctrl-C, are its own.</summary>
    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Execute(string file, nint[] arguments);
}
