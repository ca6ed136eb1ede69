using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Serilog.Sinks.Journald;

/// <summary>The way to journald: a datagram an entry, or, if it is too large for one, a sealed file in memory.</summary>
/// <remarks>
/// Not connected, so that a journald that was away is found again when it is back. From any thread: a datagram is whole.
/// </remarks>
internal sealed class JournalSocket(string path) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SocketAddress journald = new UnixDomainSocketEndPoint(path).Serialize();
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
    {
        SendTimeout = (int)Patience.TotalMilliseconds,
    };

    /// <exception cref="SocketException">Nobody is there, or nobody has read for a second.</exception>
    /// <exception cref="IOException">The memory for a large entry is not to be had.</exception>
    /// <exception cref="ObjectDisposedException">Disposed.</exception>
    public void Send(ReadOnlySpan<byte> entry)
    {
        try
        {
            socket.SendTo(entry, SocketFlags.None, journald);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.NoBufferSpaceAvailable)
        {
            using var file = Sealed(entry);
            SendFile(file);
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>A file in memory that nobody can change any more: journald takes no other.</summary>
    private static SafeFileHandle Sealed(ReadOnlySpan<byte> entry)
    {
        var file = Libc.MemfdCreate("journal-entry", Libc.CloseOnExec | Libc.AllowSealing);
        if (file.IsInvalid) throw Failed("memfd_create");
        try
        {
            RandomAccess.Write(file, entry, fileOffset: 0);
            if (Libc.Fcntl(file, Libc.AddSeals, Libc.AllSeals) != 0) throw Failed("fcntl(F_ADD_SEALS)");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>An empty datagram that brings the file along: SCM_RIGHTS, unix(7).</summary>
    private unsafe void SendFile(SafeFileHandle file)
    {
        var descriptor = file.DangerousGetHandle();    // the caller keeps it open until we are back
        var rights = new Libc.FileControl
        {
            Length = (nuint)(sizeof(Libc.FileControl) - Libc.FileControl.Padding),
            Level = Libc.SocketLevel,
            Type = Libc.Rights,
            File = (int)descriptor,
        };
        fixed (byte* address = journald.Buffer.Span)
        {
            var message = new Libc.Message
            {
                Name = address,
                NameLength = (uint)journald.Size,
                Control = &rights,
                ControlLength = (nuint)sizeof(Libc.FileControl),
            };
            if (Libc.SendMsg(socket.SafeHandle, &message, Libc.NoSignal) < 0) throw Failed("sendmsg");
        }
    }

    private static IOException Failed(string call) =>
        new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
}
