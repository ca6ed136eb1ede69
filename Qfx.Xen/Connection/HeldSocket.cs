using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Xen.Connection;

/// <summary>A unix socket whose reads hold the thread that asks, which must be one of its own; writes do not.</summary>
/// <remarks>
/// An answer is in the reader's hands after one change of threads. By the framework's own way (epoll's thread, the pool's
/// thread) it is three, which on one core costs more than the request itself.
/// </remarks>
internal sealed class HeldSocket(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly SafeFileHandle file = new(socket.SafeHandle.DangerousGetHandle(), ownsHandle: false);

    /// <summary>Returns when it is done: bytes, or none at the end. A cancellation ends the connection.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var ended = cancellationToken.UnsafeRegister(static socket => ((HeldSocket)socket!).End(), this);
        while (!cancellationToken.IsCancellationRequested)
        {
            Span<Libc.PollEntry> entries = [new() { File = (int)file.DangerousGetHandle(), Events = Libc.PollIn }];
            _ = Libc.Poll(entries, 1, Libc.Forever);
            var bytes = Libc.Read(file, buffer.Span, buffer.Length);
            if (bytes >= 0) return new((int)bytes);
            var errno = Marshal.GetLastPInvokeError();
            if (errno is not (Libc.EAGAIN or Libc.EINTR)) return ValueTask.FromException<int>(new IOException($"read: {Marshal.GetPInvokeErrorMessage(errno)}"));
        }

        return ValueTask.FromCanceled<int>(cancellationToken);
    }

    private void End()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The server was faster.
        }
    }
}
