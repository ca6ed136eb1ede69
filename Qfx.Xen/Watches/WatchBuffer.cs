using Qfx.Xen.Store;

namespace Qfx.Xen.Watches;

/// <summary>The events that wait for one subscriber: one a path, and a bounded number of paths. Not thread-safe.</summary>
/// <param name="watched">What an overflow is told as.</param>
/// <param name="capacity">Paths that may wait; one more, and all of them become one resync.</param>
internal sealed class WatchBuffer(XsPath watched, int capacity)
{
    private readonly Queue<XsPath> order = new();
    private readonly Dictionary<XsPath, WatchEvent> waiting = [];

    public void Add(in WatchEvent happened)
    {
        if (waiting.TryGetValue(happened.Path, out var older))
        {
            // Whatever came first says when nothing was missed any more, or that something was.
            var kind = happened.Kind == WatchKind.Resync || older.Kind == WatchKind.Changed ? happened.Kind : older.Kind;
            waiting[happened.Path] = happened with { Kind = kind, Merged = older.Merged + happened.Merged + 1 };
            return;
        }

        if (waiting.Count >= capacity)
        {
            var merged = waiting.Values.Sum(e => e.Merged + 1);
            order.Clear();
            waiting.Clear();
            Put(new(watched, WatchKind.Resync, happened.Token, merged));
            return;
        }

        Put(happened);
    }

    /// <summary>The oldest one; false when nothing waits.</summary>
    public bool TryTake(out WatchEvent happened)
    {
        happened = default;
        return order.TryDequeue(out var path) && waiting.Remove(path, out happened);
    }

    private void Put(in WatchEvent happened)
    {
        order.Enqueue(happened.Path);
        waiting.Add(happened.Path, happened);
    }
}
