using System.Diagnostics;
using System.Reactive.Subjects;
using Qfx.Tests.Support;

namespace Qfx.Tests.EndToEnd;

/// <summary><c>qfilexchgd run --verbose</c> as a process of its own, on somebody's xenstore, that can be killed.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ReplaySubject<string> lines = new();
    private readonly Task read;

    private DaemonProcess(Process process)
    {
        this.process = process;
        read = ReadAsync();
    }

    /// <summary>What it has printed, from the first line on.</summary>
    public IObservable<string> Lines => lines;

    /// <summary>Writes its configuration: simulated disks, and a program that always says yes.</summary>
    /// <param name="folder">Where everything of it is.</param>
    /// <param name="store">xenstored's socket.</param>
    public static void Configure(TempFolder folder, string store)
    {
        Directory.CreateDirectory(folder["policy"]);
        File.WriteAllText(folder["policy/test.policy"], "qfx.Copy * @anyvm @anyvm ask\n");
        File.WriteAllText(folder["conf"], $"""
            [store]
            socket = {store}
            [spool]
            folder = {folder["spool"]}
            [devices]
            kind = simulated
            folder = {folder["devices"]}
            [policy]
            folder = {folder["policy"]}
            [questions]
            ask = command
            command = /bin/true
            [control]
            socket = {folder["control"]}
            """);
    }

    public static DaemonProcess Start(TempFolder folder)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "qfilexchgd"), ["run", "--verbose", "--config", folder["conf"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("NOTIFY_SOCKET");
        return new(Process.Start(start)!);
    }

    /// <summary>SIGKILL; returns when it is dead.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await read;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        process.Dispose();
        lines.Dispose();
    }

    private async Task ReadAsync()
    {
        await Task.WhenAll(EachAsync(process.StandardOutput), EachAsync(process.StandardError));
        lines.OnCompleted();
    }

    private async Task EachAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (lines) lines.OnNext(line);
        }
    }
}
