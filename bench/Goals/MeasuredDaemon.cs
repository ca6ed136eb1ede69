using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Qfx.Bench.Goals;

/// <summary>A daemon as a process of its own: the native one as it is shipped, or the peer. It makes images in a spool and speaks to a real xenstored.</summary>
internal sealed class MeasuredDaemon : IAsyncDisposable
{
    private const string Ready = "READY=1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly string folder;
    private readonly Socket notify = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Process process;

    private MeasuredDaemon(Side side, string store)
    {
        folder = Directory.CreateTempSubdirectory("qfx-goals-").FullName;
        Spool = Path.Combine(folder, "spool");
        Directory.CreateDirectory(Spool);
        notify.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "notify")));
        string[] command = side == Side.Ours ? [Shipped.Daemon, "run", "--config", Configure(store)] : [Shipped.Python, Shipped.Peer("pendaemon.py"), Spool];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", Log, .. command]);
        start.Environment["XENSTORED_PATH"] = store;
        start.Environment["NOTIFY_SOCKET"] = Path.Combine(folder, "notify");
        foreach (var name in (string[])["WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM"]) start.Environment.Remove(name);
        Began = Stopwatch.GetTimestamp();
        process = Process.Start(start)!;
    }

    /// <summary>When it was started (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long Began { get; }

    /// <summary>Where it makes images.</summary>
    public string Spool { get; }

    public TimeSpan Cpu => ProcessFigures.CpuOf(process.Id);

    /// <summary>MiB.</summary>
    public double Resident => ProcessFigures.ResidentOf(process.Id);

    public long Switches => ProcessFigures.SwitchesOf(process.Id);

    private string Log => Path.Combine(folder, "log");

    public static MeasuredDaemon Start(Side side, string store) => new(side, store);

    /// <summary>Waits until it has told that it is ready, as it would tell systemd: ours when it serves, the peer when all domains are watched and named.</summary>
    /// <returns>Since its start.</returns>
    public async Task<TimeSpan> ReadyAsync()
    {
        var told = new byte[64];
        using var limited = new CancellationTokenSource(Patience);
        var ended = process.WaitForExitAsync(limited.Token);
        while (true)
        {
            var heard = notify.ReceiveAsync(told, limited.Token).AsTask();
            if (await Task.WhenAny(heard, ended) == ended) throw new InvalidOperationException($"The daemon has ended: {await File.ReadAllTextAsync(Log)}");
            var at = Stopwatch.GetElapsedTime(Began);
            if (!Encoding.ASCII.GetString(told, 0, await heard).StartsWith(Ready, StringComparison.Ordinal)) continue;
            await limited.CancelAsync();
            return at;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        notify.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Disks that need no Xen; the rest as it is without a word.</summary>
    private string Configure(string store)
    {
        var file = Path.Combine(folder, "conf");
        Directory.CreateDirectory(Path.Combine(folder, "policy"));
        File.WriteAllText(Path.Combine(folder, "policy", "bench.policy"), "* * @anyvm @anyvm deny\n");
        File.WriteAllText(file, $"""
            [store]
            socket = {store}
            [spool]
            folder = {Spool}
            [devices]
            kind = simulated
            folder = {folder}/devices
            [policy]
            folder = {folder}/policy
            [control]
            socket = {folder}/control
            [pendrive]
            size_mib = 40
            """);
        return file;
    }
}
