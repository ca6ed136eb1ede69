using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Qfx.Daemon.Control;

/// <summary>Who is at the other end of a unix socket: SO_PEERCRED, unix(7).</summary>
internal static partial class PeerCredentials
{
    private const int SocketLevel = 1;    // SOL_SOCKET
    private const int PeerCred = 17;    // SO_PEERCRED

    /// <summary>The user who has connected, as the kernel knows it.</summary>
    public static uint UserOf(Socket socket)
    {
        Span<int> credentials = stackalloc int[3];    // struct ucred: pid, uid, gid
        socket.GetRawSocketOption(SocketLevel, PeerCred, MemoryMarshal.AsBytes(credentials));
        return (uint)credentials[1];
    }

    /// <summary>This process's own.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint Mine();
}
