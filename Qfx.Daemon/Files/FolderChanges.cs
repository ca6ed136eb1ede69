using System.Reactive;
using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace Qfx.Daemon.Files;

/// <summary>Something in a folder has changed, or the folder itself came or went: a reason to look, no more.</summary>
internal static class FolderChanges
{
    /// <summary>Watches a folder, which need not exist: then the nearest one above it that does is watched for its coming.</summary>
    public static IObservable<Unit> Of(string folder) => Observable.Create<Unit>(observer =>
    {
        var gate = new Lock();
        var watching = new SerialDisposable();

        void Look()
        {
            lock (gate)
            {
                if (!watching.IsDisposed) watching.Disposable = Watch();
            }

            observer.OnNext(Unit.Default);
        }

        IDisposable Watch()
        {
            var above = Path.GetDirectoryName(folder) ?? "/";
            while (!Directory.Exists(above)) above = Path.GetDirectoryName(above) ?? "/";
            var next = Path.GetRelativePath(above, folder).Split('/')[0];
            var coming = Watcher(above, next, Look);
            try
            {
                return Directory.Exists(folder)
                    ? StableCompositeDisposable.Create(coming, Watcher(folder, "*", () => observer.OnNext(Unit.Default)))
                    : coming;
            }
            catch (Exception e) when (e is ArgumentException or IOException)
            {
                return coming;    // it went meanwhile, of which the other one tells
            }
        }

        lock (gate) watching.Disposable = Watch();
        return watching;
    });

    private static FileSystemWatcher Watcher(string folder, string filter, Action changed)
    {
        var watcher = new FileSystemWatcher(folder, filter)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Attributes | NotifyFilters.Size,
        };
        watcher.Changed += (_, _) => changed();
        watcher.Created += (_, _) => changed();
        watcher.Deleted += (_, _) => changed();
        watcher.Renamed += (_, _) => changed();
        watcher.Error += (_, _) => changed();    // events were lost: the folder is looked at
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
