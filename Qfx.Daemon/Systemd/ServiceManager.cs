using System.Globalization;
using System.Net.Sockets;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;

namespace Qfx.Daemon.Systemd;

/// <summary>What systemd is told: that the daemon serves, and that it is alive. sd_notify(3), systemd.service(5), WatchdogSec.</summary>
/// <param name="socket">NOTIFY_SOCKET: a path, or with @ an abstract name; null: nobody wants to know.</param>
/// <param name="watchdog">Silence for so long is a fault; null: it is not watched.</param>
internal sealed class ServiceManager(string? socket, TimeSpan? watchdog)
{
    /// <summary>The one that has started this process.</summary>
    public static ServiceManager FromEnvironment() => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } path ? path : null,
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds) : null);

    /// <summary>It serves.</summary>
    public void Ready() => Tell("READY=1");

    /// <summary>It ends.</summary>
    public void Stopping() => Tell("STOPPING=1");

    /// <summary>Says on the rules' own thread, between two events, that it is alive: while one is stuck it is not said, and systemd ends the daemon.</summary>
    public IDisposable FeedOn(IScheduler rules) => watchdog is { } limit && socket is not null
        ? rules.SchedulePeriodic(limit / 3, () => Tell("WATCHDOG=1"))
        : Disposable.Empty;

    private void Tell(string what)
    {
        if (socket is null) return;
        try
        {
            using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            notify.SendTo(System.Text.Encoding.ASCII.GetBytes(what), new UnixDomainSocketEndPoint(socket.StartsWith('@') ? $"\0{socket[1..]}" : socket));
        }
        catch (SocketException)
        {
            // systemd is busy with itself: it hears the next one, or ends us.
        }
    }
}
