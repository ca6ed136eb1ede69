using Qfx.Xen.Store;

namespace Qfx.Xen.Watches;

/// <summary>One subscriber of a watched path. Events wait in its own buffer and are handed over one at a time, by a thread of the pool,
/// or by the one that reads where the client's options say so.</summary>
internal sealed class WatchSubscription(WatchTable table, XsPath path, WatchFilter? filter, IObserver<WatchEvent> observer, int capacity)
    : IDisposable, IThreadPoolWorkItem
{
    private readonly Lock gate = new();
    private readonly WatchBuffer buffer = new(path, capacity);
    private bool delivering;
    private Exception? end;
    private bool over;

    public XsPath Path => path;

    public WatchFilter? Filter => filter;

    /// <summary>Never blocks, unless the subscriber does: whoever reads the connection calls it.</summary>
    /// <param name="happened">What it is told.</param>
    /// <param name="here">Whether it may be told by this thread, which then holds no lock.</param>
    public void Enqueue(in WatchEvent happened, bool here = false)
    {
        lock (gate)
        {
            if (over || end is not null) return;
            buffer.Add(happened);
            if (delivering) return;
            if (!here)
            {
                Deliver();
                return;
            }

            delivering = true;
        }

        Execute();
    }

    /// <summary>After what waits, the subscriber gets this error, and then nothing more.</summary>
    public void End(Exception reason)
    {
        lock (gate)
        {
            if (over || end is not null) return;
            end = reason;
            Deliver();
        }
    }

    public void Dispose()
    {
        lock (gate) over = true;
        table.Leave(this);
    }

    /// <summary>Hands over what waits.</summary>
    public void Execute()
    {
        try
        {
            while (Next(out var happened)) observer.OnNext(happened);
            if (IsAtItsEnd()) observer.OnError(end!);
        }
        catch (Exception e)
        {
            table.Threw(this, e);
        }
    }

    private void Deliver()
    {
        if (delivering) return;
        delivering = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool Next(out WatchEvent happened)
    {
        lock (gate)
        {
            happened = default;
            if (!over && buffer.TryTake(out happened)) return true;
            delivering = false;
            return false;
        }
    }

    private bool IsAtItsEnd()
    {
        lock (gate)
        {
            if (end is null || over || delivering) return false;
            return over = true;
        }
    }
}
