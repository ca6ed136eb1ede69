using System.Reactive;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Daemon.Block;

/// <summary>When a file that was open for writing is closed. inotify(7), IN_CLOSE_WRITE.</summary>
/// <remarks>
/// The kernel lets go of a loop device's file as the last thing when it frees the device, so this is the one event that says so:
/// nothing has to be asked again and again.
/// </remarks>
internal static class FileCloses
{
    /// <returns>Cold. Never completes; ends with <see cref="IOException"/> if the file cannot be watched.</returns>
    public static IObservable<Unit> Of(string file) => Observable.Create<Unit>(observer =>
    {
        var notify = Libc.Notify(Libc.NonBlocking | Libc.CloseOnExec);
        var wake = Libc.EventFd(0, Libc.NonBlocking | Libc.CloseOnExec);
        if (notify.IsInvalid || wake.IsInvalid || Libc.AddWatch(notify, file, Libc.ClosedAfterWriting) < 0)
        {
            observer.OnError(new IOException($"{file} cannot be watched: {Libc.Why()}"));
            notify.Dispose();
            wake.Dispose();
            return Disposable.Empty;
        }

        var watch = new Watch(notify, wake, observer);
        new Thread(watch.Run) { IsBackground = true, Name = "file closes" }.Start();
        return watch;
    });

    /// <summary>A thread that waits for events, and for the end. It alone closes the two handles.</summary>
    private sealed class Watch(SafeFileHandle notify, SafeFileHandle wake, IObserver<Unit> observer) : IDisposable
    {
        private readonly Lock gate = new();
        private bool over;

        public void Run()
        {
            Span<byte> events = stackalloc byte[4096];    // several at once are one reason to look
            while (true)
            {
                Span<Libc.PollEntry> entries =
                [
                    new() { File = (int)wake.DangerousGetHandle(), Events = Libc.PollIn },
                    new() { File = (int)notify.DangerousGetHandle(), Events = Libc.PollIn },
                ];
                _ = Libc.Poll(entries, (nuint)entries.Length, Libc.Forever);
                lock (gate)
                {
                    if (over)
                    {
                        wake.Dispose();
                        notify.Dispose();
                        return;
                    }
                }

                if (Libc.Read(notify, events, events.Length) > 0) observer.OnNext(Unit.Default);
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                if (over) return;
                over = true;
                _ = Libc.Write(wake, BitConverter.GetBytes(1UL), sizeof(ulong));
            }
        }
    }
}
