using System.Net.Sockets;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Connection;

namespace Qfx.Xen.Store;

/// <summary>Where a xenstored is to be found.</summary>
public sealed record XsEndpoint
{
    /// <summary>Names the server's place, as libxenstore knows it too.</summary>
    public const string Variable = "XENSTORED_PATH";

    private const string UsualSocket = "/run/xenstored/socket";
    private const string UsualDevice = "/dev/xen/xenbus";

    /// <summary>Attempts while the server's queue is full; the pauses between them add up to 5 s at most.</summary>
    private const int QueueAttempts = 28;

    private static readonly Pauses QueuePauses = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(250));

    private XsEndpoint(string path, bool isDevice)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        IsDevice = isDevice;
    }

    /// <summary>In the file system.</summary>
    public string Path { get; }

    /// <summary>Whether the kernel passes requests on to a xenstored elsewhere; otherwise it listens on a unix socket.</summary>
    public bool IsDevice { get; }

    /// <summary>A xenstored's unix socket.</summary>
    public static XsEndpoint Socket(string path) => new(path, isDevice: false);

    /// <summary>The Linux kernel's device, as in a guest.</summary>
    public static XsEndpoint Device(string path) => new(path, isDevice: true);

    /// <summary>
    /// XENSTORED_PATH if it is set (what lies under /dev/ is a device, anything else a socket), or else
    /// /run/xenstored/socket if it is there, or else /dev/xen/xenbus.
    /// </summary>
    public static XsEndpoint FromEnvironment() => Choose(Environment.GetEnvironmentVariable(Variable), File.Exists);

    /// <summary>The path.</summary>
    public override string ToString() => Path;

    internal static XsEndpoint Choose(string? variable, Func<string, bool> exists) => variable switch
    {
        null or "" => exists(UsualSocket) ? Socket(UsualSocket) : Device(UsualDevice),
        _ => new(variable, variable.StartsWith("/dev/", StringComparison.Ordinal)),
    };

    /// <exception cref="XenstoreConnectionException">There is none, or it may not be used.</exception>
    /// <param name="options">Whether the reads of a socket hold their thread, and what the time is kept by.</param>
    /// <param name="cancel">Ends the attempt.</param>
    internal async Task<Stream> OpenAsync(XsClientOptions options, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return IsDevice ? XenbusDevice.Open(Path) : await ConnectAsync(options, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            throw new XenstoreConnectionException($"No xenstored at {Path}: {e.Message}", e);
        }
    }

    /// <summary>A server that others want too: xenstored lets one connection wait to be accepted, and the kernel says EAGAIN to the next (connect(2)).</summary>
    private async Task<Stream> ConnectAsync(XsClientOptions options, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ConnectOnceAsync(options.ContinueOnReader, cancel).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain && attempt < QueueAttempts)
            {
                await Observable.Timer(QueuePauses.After(attempt, options.Jitter), options.Scheduler).ToTask(cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task<NetworkStream> ConnectOnceAsync(bool heldByReader, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancel).ConfigureAwait(false);
            return heldByReader ? new HeldSocket(socket) : new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
