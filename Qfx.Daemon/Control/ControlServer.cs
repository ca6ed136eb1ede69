using System.Net.Sockets;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Text;

namespace Qfx.Daemon.Control;

/// <summary>The control socket: HTTP on a unix socket, for this daemon's own user alone.</summary>
/// <remarks>
/// Kestrel looks at its clock every second, and takes half of the daemon's start and much of its memory; most of the time nobody asks anything. So it is
/// started by the first who connects, and ended when nobody has been connected for a while.
/// </remarks>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>Of sun_path, unix(7), without its NUL.</summary>
    public const int LongestPath = 107;

    /// <summary>So long Kestrel stays after the last connection has ended.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>Before it is tried again to accept, where the process has no handle left.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly Socket listener;
    private readonly string path;
    private readonly uint user;
    private readonly ControlRoutes routes;
    private readonly TimeSpan linger;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();    // holds nothing that had to be disposed of
    private readonly BehaviorSubject<bool> awake = new(false);
    private readonly Task served;

    private ControlServer(Socket listener, string path, uint user, ControlRoutes routes, TimeSpan linger, TimeProvider time)
    {
        (this.listener, this.path, this.user, this.routes, this.linger, this.time) = (listener, path, user, routes, linger, time);
        served = Task.Run(ServeAsync);
    }

    /// <summary>Whether Kestrel runs: now, and whenever that changes.</summary>
    public IObservable<bool> Awake => awake.AsObservable();

    /// <summary>What can be asked: a method and a path each, such as <c>get /status</c>.</summary>
    public IReadOnlyList<string> Routes
    {
        get
        {
            using var web = (IDisposable)ControlWeb.Build(new(listener.LocalEndPoint!), routes);
            return [.. ControlWeb.RoutesOf((Microsoft.AspNetCore.Builder.WebApplication)web)];
        }
    }

    /// <summary>Whether a socket can have this path.</summary>
    public static bool IsPath(string path) => Encoding.UTF8.GetByteCount(path) is > 0 and <= LongestPath;

    /// <summary>Serves until it is disposed of.</summary>
    /// <param name="path">The socket: see <see cref="ControlSocket.Listen"/>.</param>
    /// <param name="user">Whose requests are taken, beside root's.</param>
    /// <param name="routes">What can be asked.</param>
    /// <param name="linger">So long Kestrel stays after the last connection has ended; <see cref="Usual"/>.</param>
    /// <param name="time">The clock of that.</param>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public static ControlServer Start(string path, uint user, ControlRoutes routes, TimeSpan linger, TimeProvider time) =>
        new(ControlSocket.Listen(path), path, user, routes, linger, time);

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested) return;
        await stop.CancelAsync().ConfigureAwait(false);
        await served.ConfigureAwait(false);
        listener.Dispose();
        File.Delete(path);
        awake.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            var next = AcceptAsync();
            while (true) next = await ServeWhileAskedAsync(await next.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The daemon ends.
        }
    }

    /// <summary>Serves the first and whoever comes before it is quiet again.</summary>
    /// <returns>Who comes then.</returns>
    private async Task<Task<Socket>> ServeWhileAskedAsync(Socket first)
    {
        var connections = new AcceptedConnections(listener.LocalEndPoint!);
        var web = ControlWeb.Build(connections, routes);
        await using (web.ConfigureAwait(false))
        {
            await web.StartAsync(stop.Token).ConfigureAwait(false);
            awake.OnNext(true);
            connections.Add(first);
            var next = AcceptAsync();
            while (await ComesAsync(next, connections).ConfigureAwait(false))
            {
                connections.Add(await next.ConfigureAwait(false));
                next = AcceptAsync();
            }

            awake.OnNext(false);
            return next;
        }
    }

    /// <returns>False when nobody was connected, and nobody came, for a while.</returns>
    private async Task<bool> ComesAsync(Task<Socket> next, AcceptedConnections connections)
    {
        await Task.WhenAny(next, connections.ClosedAsync()).ConfigureAwait(false);
        if (next.IsCompleted) return true;
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        await Task.WhenAny(next, Task.Delay(linger, time, quiet.Token)).ConfigureAwait(false);
        await quiet.CancelAsync().ConfigureAwait(false);    // no timer is left that would wake an idle daemon
        return next.IsCompleted;
    }

    /// <summary>The next one who may ask.</summary>
    private async Task<Socket> AcceptAsync()
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync(stop.Token).ConfigureAwait(false);
                if (PeerCredentials.UserOf(socket) is var peer && (peer == 0 || peer == user)) return socket;
                socket.Dispose();
            }
            catch (SocketException)
            {
                await Task.Delay(Breath, time, stop.Token).ConfigureAwait(false);
            }
        }
    }
}
