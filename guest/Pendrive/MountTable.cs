using System.Runtime.InteropServices;

namespace Qfx.Guest.Pendrive;

/// <summary>Waits for an unmount. The kernel says when the table of mounts changes: proc(5), /proc/pid/mountinfo.</summary>
internal static partial class MountTable
{
    private const short PollPri = 2;

    /// <summary>Ends when nothing is mounted there.</summary>
    public static Task UnmountedAsync(string where, CancellationToken cancel) => Task.Factory.StartNew(
        () => Wait(where, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Whether a line of mountinfo is about this mount point; octal escapes stand for blanks and the like.</summary>
    internal static bool IsMounted(string table, string where) =>
        table.Split('\n').Any(line => line.Split(' ') is { Length: > 4 } fields && fields[4] == where.Replace("\\", "\\134", StringComparison.Ordinal)
            .Replace(" ", "\\040", StringComparison.Ordinal).Replace("\t", "\\011", StringComparison.Ordinal));

    private static void Wait(string where, CancellationToken cancel)
    {
        using var table = File.OpenHandle("/proc/self/mountinfo");
        Span<int> wake = stackalloc int[2];
        if (Pipe(wake) != 0) throw new IOException("pipe failed");
        var (read, write) = (wake[0], wake[1]);
        using var registration = cancel.Register(() => _ = Write(write, [1], 1));
        try
        {
            while (IsMounted(File.ReadAllText("/proc/self/mountinfo"), where))
            {
                cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<PollFd> fds = [new((int)table.DangerousGetHandle(), PollPri), new(read, 1)];
                _ = Poll(fds.ToArray(), 2, -1);
            }
        }
        finally
        {
            registration.Unregister();
            _ = Close(read);
            _ = Close(write);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct PollFd(int Fd, short Events, short Revents = 0);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll([In, Out] PollFd[] fds, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "pipe")]
    private static partial int Pipe(Span<int> fds);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int fd, ReadOnlySpan<byte> buffer, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
