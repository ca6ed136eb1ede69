using System.Diagnostics;
using System.Globalization;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>A real xenstored with something in it, and the programs that are measured against it.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly XenstoredProcess server;
    private readonly string[] wrapper;
    private static readonly Lazy<Task<string>> Peers = new(CompileAsync);

    private Rig(XenstoredProcess server, string[] wrapper)
    {
        this.server = server;
        this.wrapper = wrapper;
    }

    public string SocketPath => server.SocketPath;

    /// <param name="pinned">Server and clients on one core, the first.</param>
    /// <param name="domains">So many domains have a home with a name.</param>
    public static async Task<Rig> StartAsync(bool pinned, int domains)
    {
        string[] wrapper = pinned ? ["taskset", "-c", "0"] : [];
        var rig = new Rig(await XenstoredProcess.StartAsync(XenstoredKind.C, CancellationToken.None, wrapper), wrapper);
        await using var store = await XsClient.ConnectAsync(XsEndpoint.Socket(rig.SocketPath));
        await store.WriteTextAsync(new XsPath("/bench/node"), "0123456789");
        var homes = new XsPath("/local/domain");
        await Task.WhenAll(Enumerable.Range(0, domains).Select(domid => store.WriteTextAsync(homes / $"{domid}" / "name", $"vm-{domid}")));
        return rig;
    }

    /// <summary>Compiles the peers, once.</summary>
    /// <returns>Their folder, gone with this process.</returns>
    private static async Task<string> CompileAsync()
    {
        var folder = Directory.CreateTempSubdirectory("qfx-peers-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var (name, with) in new[] { ("libxenstore", "-lxenstore"), ("rawsocket", ""), ("flood", "") })
        {
            await RunAsync("gcc", ["-O2", "-Wall", "-Werror", "-pthread", "-o", Path.Combine(folder, name), Path.Combine(AppContext.BaseDirectory, "peers", $"{name}.c"), .. with.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        }

        return folder;
    }

    /// <summary>Runs one of the programs: <c>qfx</c> or a peer.</summary>
    /// <returns>The figures that it printed.</returns>
    public async Task<double[]> MeasureAsync(string program, string work)
    {
        string[] command = program == "qfx" ? [Environment.ProcessPath!, "client-work", .. work.Split(' ')] : [Path.Combine(await Peers.Value, program), .. work.Split(' ')];
        string[] all = [.. wrapper, .. command];
        var printed = await RunAsync(all[0], all[1..], ("XENSTORED_PATH", SocketPath));
        return [.. printed.Split(' ', StringSplitOptions.TrimEntries).Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    /// <summary>Runs a peer that needs no rig.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunPeerAsync(string peer, string arguments, params (string Name, string Value)[] environment) =>
        await RunAsync(Path.Combine(await Peers.Value, peer), arguments.Split(' '), environment);

    /// <summary>The same on the first core, where a server that is pinned has it.</summary>
    public static async Task<string> RunPinnedPeerAsync(string peer, string arguments, params (string Name, string Value)[] environment) =>
        await RunAsync("taskset", ["-c", "0", Path.Combine(await Peers.Value, peer), .. arguments.Split(' ')], environment);

    /// <summary>CPU time that the server has used, its own and the kernel's for it (proc(5), stat).</summary>
    public TimeSpan ServerTime => server.CpuTime;

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task<string> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? printed : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
