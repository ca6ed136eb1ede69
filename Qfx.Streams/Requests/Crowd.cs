using System.Reactive.Concurrency;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Requests;

/// <summary>How many domains have asked just now: within the last fifteen seconds.</summary>
/// <param name="running">Whose time it is; it cannot be set.</param>
/// <remarks>
/// Not how many are looked at in one moment: a server that is busy with hundreds looks at few of them at a time. Fifteen seconds are longer than five hundred floods are kept waiting for
/// their turns by C xenstored itself. What is kept is bounded by what was taken within them.
/// </remarks>
internal sealed class Crowd(IStopwatch running)
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private readonly Queue<(TimeSpan At, Domid Who)> asked = new();
    private readonly Dictionary<Domid, TimeSpan> last = [];

    /// <summary>One is gone: what asked and has ended, as disposable VMs do, asks no more.</summary>
    public void Leave(Domid who)
    {
        lock (gate) last.Remove(who);
    }

    /// <summary>One has asked.</summary>
    /// <returns>How many others have.</returns>
    public int Ask(Domid who)
    {
        lock (gate)
        {
            var now = running.Elapsed;
            while (asked.TryPeek(out var first) && first.At <= now - Window)
            {
                asked.Dequeue();
                if (last.TryGetValue(first.Who, out var at) && at == first.At) last.Remove(first.Who);
            }

            asked.Enqueue((now, who));
            last[who] = now;
            return last.Count - 1;
        }
    }
}
