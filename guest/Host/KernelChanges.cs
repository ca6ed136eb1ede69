using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Host;

/// <summary>A file of the kernel's whose changes wake poll(2) with POLLPRI: /proc/self/mountinfo (proc(5)), a cgroup.events (cgroup-v2, "Populated Notification").</summary>
internal sealed partial class KernelChanges(string path) : IDisposable
{
    private const short PollIn = 1;
    private const short PollPri = 2;
    private const int NonBlocking = 0x800;         // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000;       // EFD_CLOEXEC

    private readonly SafeFileHandle file = File.OpenHandle(path);
    private readonly SafeFileHandle wake = EventFd(0, NonBlocking | CloseOnExec);

    /// <summary>Ends when what the file says satisfies <paramref name="over"/>; it is looked at first at once, then after each change. Blocks a thread of its own.</summary>
    /// <exception cref="IOException">The file is gone, or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task UntilAsync(string path, Func<string, bool> over, CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            using var changes = new KernelChanges(path);
            changes.Wait(over, cancel);
        },
        cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        wake.Dispose();
    }

    private void Wait(Func<string, bool> over, CancellationToken cancel)
    {
        using var woken = cancel.Register(() => _ = Write(wake, BitConverter.GetBytes(1UL), sizeof(ulong)));    // its end waits for one that runs
        while (!over(Read()))
        {
            cancel.ThrowIfCancellationRequested();
            PollFd[] files = [new((int)file.DangerousGetHandle(), PollPri), new((int)wake.DangerousGetHandle(), PollIn)];
            _ = Poll(files, (nuint)files.Length, -1);
        }
    }

    /// <summary>Through the one handle: what it has read is what a change is measured against.</summary>
    private string Read()
    {
        using var all = new MemoryStream();
        var part = new byte[4096];
        while (RandomAccess.Read(file, part, all.Length) is > 0 and var read) all.Write(part, 0, read);
        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct PollFd(int Fd, short Events, short Happened = 0);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll([In, Out] PollFd[] files, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial SafeFileHandle EventFd(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle file, byte[] bytes, nuint count);
}
