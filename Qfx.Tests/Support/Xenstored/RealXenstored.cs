using System.Diagnostics;
using System.Net.Sockets;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Support.Xenstored;

/// <summary>Debian's C xenstored as a plain process, with no Xen below it; domains are played by bridges.</summary>
internal sealed class RealXenstored : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Shim = new(CompileAsync);

    private readonly TempFolder folder = new();
    private readonly Dictionary<Domid, RingBridge> bridges = [];
    private readonly Process process;

    private RealXenstored(string shim)
    {
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "--", Server()!, "-N"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("XENSTORED_PATH");    // it would take over that socket
        start.Environment["XENSHIM_DIR"] = folder.Path;
        start.Environment["XENSTORED_RUNDIR"] = folder.Path;
        start.Environment["LD_PRELOAD"] = shim;
        process = Process.Start(start)!;
    }

    /// <summary>Where dom0's clients connect.</summary>
    public string SocketPath => folder["socket"];

    /// <summary>Why it cannot be run here, as a sentence; null if it can.</summary>
    public static string? Missing() =>
        Server() is null ? "There is no xenstored: install xen-utils."
        : !File.Exists("/usr/include/xenctrl.h") ? "There are no Xen headers: install libxen-dev."
        : !File.Exists("/usr/bin/gcc") ? "There is no gcc."
        : null;

    /// <summary>Starts one; the test is skipped, saying why, where that cannot be.</summary>
    public static async Task<RealXenstored> StartAsync(CancellationToken cancel)
    {
        if (Missing() is { } reason) Assert.Skip(reason);
        var store = new RealXenstored(await Shim.Value);
        await store.ListeningAsync(cancel);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketPath), cancel);
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/name"), "Domain-0", cancel);    // as xen-init-dom0 does
        await dom0.WriteTextAsync(new XsPath("/local/domain/0/domid"), "0", cancel);
        return store;
    }

    /// <summary>Where a domain's clients connect, once it is introduced.</summary>
    public string SocketOf(Domid domid) => domid == Domid.Zero ? SocketPath : bridges[domid].SocketPath;

    /// <summary>Introduces domains by the wire, and gives each a socket.</summary>
    public DomainLifecycle Lifecycle(XsClient dom0) => new(
        async (domid, cancel) =>
        {
            await dom0.IntroduceAsync(domid, 1, 7, cancel);
            bridges.Add(domid, RingBridge.Open(folder.Path, domid));
        },
        async (domid, cancel) =>
        {
            if (bridges.Remove(domid, out var bridge)) await bridge.DisposeAsync();
            await dom0.ReleaseAsync(domid, cancel);
        },
        (_, _) => Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in bridges.Values) await bridge.DisposeAsync();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Dispose();
    }

    private static string? Server() => Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "xen-*").Select(lib => Path.Combine(lib, "bin/xenstored")).FirstOrDefault(File.Exists)
        : null;

    /// <summary>Once a run; the folder stays for as long as the run does.</summary>
    private static async Task<string> CompileAsync()
    {
        var output = Path.Combine(Directory.CreateTempSubdirectory("qfx-shim-").FullName, "xenshim.so");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(output)!, recursive: true);
        var source = Path.Combine(AppContext.BaseDirectory, "Support/Xenstored/xenshim.c");
        var (exit, text) = await Programs.RunAsync("gcc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", output, source, "-ldl"]);
        return exit == 0 ? output : throw new InvalidOperationException(text);
    }

    /// <summary>Between the socket's appearing and its listening lies no event; a few attempts bridge that moment.</summary>
    private async Task ListeningAsync(CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(TimeSpan.FromSeconds(20));
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder.Path, "socket");
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
