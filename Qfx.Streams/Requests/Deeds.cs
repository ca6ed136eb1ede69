namespace Qfx.Streams.Requests;

/// <summary>What is to be done, done one at a time and in order, by whichever thread comes first and under no lock.</summary>
/// <remarks>Bounded by what its owner adds: nothing waits longer than until the thread that is at it has done what came before.</remarks>
internal sealed class Deeds
{
    private readonly Lock gate = new();
    private readonly Queue<Action> waiting = new();
    private bool doing;

    /// <summary>May be called under any lock.</summary>
    public void Add(Action deed)
    {
        lock (gate) waiting.Enqueue(deed);
    }

    /// <summary>To be called under no lock. Returns at once where somebody is at it, this thread further up included.</summary>
    public void DoAll()
    {
        lock (gate)
        {
            if (doing) return;
            doing = true;
        }

        while (Next() is { } deed)
        {
            try
            {
                deed();
            }
            catch
            {
                lock (gate) doing = false;
                throw;
            }
        }
    }

    private Action? Next()
    {
        lock (gate)
        {
            if (waiting.TryDequeue(out var deed)) return deed;
            doing = false;
            return null;
        }
    }
}
