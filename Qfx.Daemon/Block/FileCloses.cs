using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reactive;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Microsoft.Win32.SafeHandles;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Block;

/// <summary>When a file that was open for writing is closed. inotify(7), IN_CLOSE_WRITE.</summary>
/// <remarks>
/// The kernel lets go of a loop device's file as the last thing when it frees the device, so this is the one event that says so:
/// nothing has to be asked again and again. All files share one inotify instance: a user may have few of those (128), and VMs that let go of nothing have
/// many files followed at a time.
/// </remarks>
internal sealed class FileCloses
{
    private const int EventSize = 16;    // struct inotify_event without a name: files that are watched themselves have none
    private const int Overflow = -1;     // the watch of an event that says that others were lost

    private static readonly FileCloses Shared = new();

    private readonly Lock gate = new();
    private readonly Dictionary<int, ImmutableList<IObserver<Unit>>> watches = [];
    private SafeFileHandle? notify;

    /// <returns>Cold. Never completes; ends with <see cref="BlockDeviceException"/> if the file cannot be watched.</returns>
    public static IObservable<Unit> Of(string file) => Observable.Create<Unit>(observer => Shared.Follow(file, observer));

    private IDisposable Follow(string file, IObserver<Unit> observer)
    {
        int watch;
        string why;
        lock (gate)
        {
            watch = Open() ? Libc.AddWatch(notify!, file, Libc.ClosedAfterWriting) : -1;
            why = Libc.Why();
            if (watch >= 0) watches[watch] = watches.GetValueOrDefault(watch, []).Add(observer);
        }

        if (watch >= 0) return Disposable.Create(() => Leave(watch, observer));
        observer.OnError(new BlockDeviceException(BlockDeviceFault.Failed, $"{file} cannot be watched: {why}"));
        return Disposable.Empty;
    }

    private void Leave(int watch, IObserver<Unit> observer)
    {
        lock (gate)
        {
            if (!watches.TryGetValue(watch, out var all)) return;
            watches[watch] = all.Remove(observer);
            if (!watches[watch].IsEmpty) return;
            watches.Remove(watch);
            _ = Libc.RemoveWatch(notify!, watch);    // it may have gone with its file
        }
    }

    /// <summary>With the first file that is followed; for good.</summary>
    private bool Open()
    {
        if (notify is not null) return true;
        var made = Libc.Notify(Libc.CloseOnExec);
        if (made.IsInvalid) return false;
        notify = made;
        new Thread(() => Run(made)) { IsBackground = true, Name = "file closes" }.Start();
        return true;
    }

    private void Run(SafeFileHandle from)
    {
        Span<byte> events = stackalloc byte[256 * EventSize];
        while (true)
        {
            var read = (int)Libc.Read(from, events, events.Length);
            for (var at = 0; at + EventSize <= read; at += EventSize)
            {
                foreach (var observer in ObserversOf(BinaryPrimitives.ReadInt32LittleEndian(events[at..]))) observer.OnNext(Unit.Default);
            }
        }
    }

    private ImmutableList<IObserver<Unit>> ObserversOf(int watch)
    {
        lock (gate) return watch == Overflow ? [.. watches.Values.SelectMany(all => all)] : watches.GetValueOrDefault(watch, []);
    }
}
