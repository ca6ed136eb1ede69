using System.Net.Sockets;
using Qfx.Daemon.Block;

namespace Qfx.Daemon.Control;

/// <summary>The listening end of the control socket.</summary>
internal static class ControlSocket
{
    /// <summary>Connections that may wait until they are accepted.</summary>
    private const int Backlog = 512;

    /// <summary>Makes it: 0600, before anybody can connect. One that is left over there is replaced; the spool's lock has made sure that nobody listens on it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static Socket Listen(string path)
    {
        if (!ControlServer.IsPath(path)) throw new IOException($"the control socket {path} cannot be made: a socket's path has at most {ControlServer.LongestPath} bytes");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Remove(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException or UnauthorizedAccessException) throw new IOException($"the control socket {path} cannot be made: {e.Message}", e);
            throw;
        }
    }

    /// <summary>A socket of an earlier run goes; anything else is somebody's.</summary>
    private static void Remove(string path)
    {
        using (var there = Libc.Open(path, Libc.PathOnly | Libc.NoFollow | Libc.CloseOnExec))
        {
            if (there.IsInvalid) return;
            if (Libc.Stat(there, "", Libc.EmptyPath, Libc.BasicStats, out var stats) != 0 || (stats.Mode & Libc.FormatMask) != Libc.Socket)
                throw new IOException($"the control socket {path} cannot be made: something that is no socket is there, and is left alone");
        }

        File.Delete(path);
    }
}
