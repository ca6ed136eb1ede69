using System.Net.Sockets;
using Qfx.Xen.Connection;

namespace Qfx.Xen.Store;

/// <summary>Where a xenstored is to be found.</summary>
public sealed record XsEndpoint
{
    /// <summary>Names the server's place, as libxenstore knows it too.</summary>
    public const string Variable = "XENSTORED_PATH";

    private const string UsualSocket = "/run/xenstored/socket";
    private const string UsualDevice = "/dev/xen/xenbus";

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
    /// <param name="heldByReader">Whether the reads of a socket hold their thread.</param>
    /// <param name="cancel">Ends the attempt.</param>
    internal async Task<Stream> OpenAsync(bool heldByReader, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return IsDevice ? XenbusDevice.Open(Path) : await ConnectAsync(heldByReader, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            throw new XenstoreConnectionException($"No xenstored at {Path}: {e.Message}", e);
        }
    }

    private async Task<NetworkStream> ConnectAsync(bool heldByReader, CancellationToken cancel)
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
