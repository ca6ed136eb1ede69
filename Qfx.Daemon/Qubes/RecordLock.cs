using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Daemon.Qubes;

/// <summary>An exclusive record lock over a whole file: the one that the Python tools take with <c>lockf</c>.</summary>
/// <remarks>
/// fcntl(2). Linux has one table of record locks: an open-file-description lock keeps those out who ask by process, and the other
/// way round. Owned by the open file, it also keeps two threads of this process apart, and does not go away when some other
/// code opens and closes the same file, as a lock by process would. Closing the file lets go of it.
/// </remarks>
internal static partial class RecordLock
{
    private const int WaitAndSet = 38;      // F_OFD_SETLKW
    private const short Write = 1;          // F_WRLCK
    private const int Interrupted = 4;      // EINTR

    /// <summary>Waits until everybody else has let go.</summary>
    /// <exception cref="OperationCanceledException">Called off; the file is closed as soon as the kernel lets go of it.</exception>
    /// <exception cref="IOException">The file system has no such locks.</exception>
    public static async Task TakeAsync(SafeFileHandle file, CancellationToken cancel) =>
        await Task.Factory.StartNew(() => Take(file), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancel).ConfigureAwait(false);

    private static void Take(SafeFileHandle file)
    {
        var whole = new Flock { Type = Write };
        while (Fcntl(file, WaitAndSet, ref whole) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new IOException($"the record lock cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>struct flock: all zeros but for the type is the whole file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Flock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, ref Flock argument);
}
