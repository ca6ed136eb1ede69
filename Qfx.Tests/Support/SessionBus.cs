using System.Diagnostics;
using Qfx.Daemon.Processes;

namespace Qfx.Tests.Support;

/// <summary>A D-Bus of a session's, for the programs of one test.</summary>
internal sealed class SessionBus : IAsyncDisposable
{
    private readonly Process server;

    private SessionBus(Process server, string address)
    {
        this.server = server;
        Address = address;
    }

    /// <summary>As DBUS_SESSION_BUS_ADDRESS has it.</summary>
    public string Address { get; }

    /// <summary>Starts one; skips the test where a program for it is missing.</summary>
    public static async Task<SessionBus> StartAsync(params string[] programs)
    {
        var missing = programs.Append("dbus-daemon").Where(program => ProcessRunner.Find(program) is null).ToArray();
        Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)}. ./qfx test installs them, as root on Debian.");
        var server = Process.Start(new ProcessStartInfo("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--print-address=1"]) { RedirectStandardOutput = true })!;
        return new(server, (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
    }

    public async ValueTask DisposeAsync()
    {
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
    }
}
