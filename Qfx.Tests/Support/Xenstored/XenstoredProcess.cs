using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>Which of Xen's two servers.</summary>
internal enum XenstoredKind
{
    /// <summary>xenstored, in C: Debian's default.</summary>
    C,

    /// <summary>oxenstored, in OCaml.</summary>
    OCaml,
}

/// <summary>A real server of Debian's Xen as a plain process, with no Xen below it, in a folder of its own. Free of any test framework: the benchmarks run it too.</summary>
internal sealed class XenstoredProcess : IAsyncDisposable
{
    /// <summary>Ends the server when this process ends, however it does: its end of the pipe closes. (PR_SET_PDEATHSIG would fire with the thread that started it.)</summary>
    private const string WithUs = "\"$@\" </dev/null & read -r _; kill -9 $!; wait";

    private static readonly Lazy<Task<string>> Shim = new(CompileAsync);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("qfx-");
    private readonly ProcessStartInfo start;
    private Process? process;

    private XenstoredProcess(XenstoredKind kind, string shim, IEnumerable<string> wrapper)
    {
        string[] command = kind == XenstoredKind.C ? [Server(kind)!, "-N"] : [Server(kind)!, "--no-fork", $"--config-file={Configuration()}"];
        start = new("sh", ["-c", $"exec >{Path.Combine(Folder, "log")} 2>&1; {WithUs}", "sh", .. wrapper, "env", $"LD_PRELOAD={shim}", .. command]) { RedirectStandardInput = true };
        start.Environment.Remove("XENSTORED_PATH");    // it would take over that socket
        start.Environment["XENSHIM_DIR"] = Folder;
        start.Environment["XENSTORED_RUNDIR"] = Folder;
    }

    /// <summary>Where the shim has its files (xenshim.c), and the server its socket.</summary>
    public string Folder => folder.FullName;

    /// <summary>Where dom0's clients connect.</summary>
    public string SocketPath => Path.Combine(Folder, "socket");

    /// <summary>What it has used of a processor, its own and the kernel's for it, while it runs.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            var shell = process!.Id;
            using var server = Process.GetProcessById(int.Parse(File.ReadAllText($"/proc/{shell}/task/{shell}/children"), CultureInfo.InvariantCulture));
            return server.TotalProcessorTime;
        }
    }

    /// <summary>Why it cannot be run here, as a sentence; null if it can.</summary>
    public static string? Missing(XenstoredKind kind) =>
        Server(kind) is null ? $"There is no {kind} xenstored: install xen-utils."
        : !File.Exists("/usr/include/xenctrl.h") ? "There are no Xen headers: install libxen-dev."
        : !File.Exists("/usr/bin/gcc") ? "There is no gcc."
        : null;

    /// <summary>Starts one, and returns when it listens.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="cancel">Also bounds the wait.</param>
    /// <param name="wrapper">A command that runs the server, such as <c>taskset -c 1</c>.</param>
    public static async Task<XenstoredProcess> StartAsync(XenstoredKind kind, CancellationToken cancel, params string[] wrapper)
    {
        var server = new XenstoredProcess(kind, await Shim.Value, wrapper);
        await server.StartAsync(cancel);
        return server;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>: the same socket, and nothing in the store.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        process = Process.Start(start)!;
        await ListeningAsync(cancel);
    }

    /// <summary>Ends it as SIGKILL does, and takes away what it leaves behind.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
        foreach (var left in folder.EnumerateFiles().Where(file => file.Name is "socket" or "evtchn" or "pid" || file.Name.StartsWith("ring.", StringComparison.Ordinal)))
            left.Delete();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        folder.Delete(recursive: true);
    }

    private static string? Server(XenstoredKind kind) => Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "xen-*").Select(lib => Path.Combine(lib, kind == XenstoredKind.C ? "bin/xenstored" : "bin/oxenstored")).FirstOrDefault(File.Exists)
        : null;

    /// <summary>Debian's oxenstored.conf, with its files in the folder.</summary>
    private string Configuration()
    {
        var at = Path.Combine(Folder, "oxenstored.conf");
        File.WriteAllText(Path.Combine(Folder, "xsd_port"), "2");
        File.WriteAllBytes(Path.Combine(Folder, "xsd_kva"), new byte[4096]);
        File.WriteAllText(at, $"""
            pid-file = {Folder}/pid
            perms-activate = true
            perms-watch-activate = true
            quota-activate = true
            quota-maxentity = 1000
            quota-maxsize = 2048
            quota-maxwatch = 100
            quota-transaction = 10
            quota-maxrequests = 1024
            quota-path-max = 1024
            persistent = false
            xenstored-log-file = {Folder}/xenstored.log
            xenstored-kva = {Folder}/xsd_kva
            xenstored-port = {Folder}/xsd_port

            """);
        return at;
    }

    /// <summary>Once a run; the library stays for as long as the run does.</summary>
    private static async Task<string> CompileAsync()
    {
        var output = Path.Combine(Directory.CreateTempSubdirectory("qfx-shim-").FullName, "xenshim.so");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(output)!, recursive: true);
        var source = Path.Combine(AppContext.BaseDirectory, "Support/Xenstored/xenshim.c");
        using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", output, source, "-ldl"]) { RedirectStandardError = true })!;
        var errors = await gcc.StandardError.ReadToEndAsync();
        await gcc.WaitForExitAsync();
        return gcc.ExitCode == 0 ? output : throw new InvalidOperationException(errors);
    }

    /// <summary>Between the socket's appearing and its listening lies no event; a few attempts bridge that moment.</summary>
    private async Task ListeningAsync(CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(TimeSpan.FromSeconds(20));
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Folder, "socket");
        watcher.Created += (_, _) => appeared.TrySetResult();
        watcher.EnableRaisingEvents = true;
        if (!File.Exists(SocketPath)) await appeared.Task.WaitAsync(limited.Token);
        while (true)
        {
            limited.Token.ThrowIfCancellationRequested();
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), limited.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }
}
