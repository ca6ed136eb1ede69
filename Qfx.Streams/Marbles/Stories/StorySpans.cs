using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Marbles;

/// <summary>Something that lasted.</summary>
/// <param name="Row">Whose: a VM that had a pendrive, or <c>person</c> for a question on the screen.</param>
/// <param name="What">The disk, or <c>?</c>.</param>
/// <param name="From">The first frame.</param>
/// <param name="To">The frame in which it ended.</param>
public sealed record StorySpan(string Row, string What, long From, long To);

/// <summary>Writes down what lasts.</summary>
internal sealed class StorySpans
{
    private readonly Dictionary<(string Row, string What), long> open = [];
    private readonly List<StorySpan> over = [];

    public void Note(
        long frame, IReadOnlyDictionary<string, DomainIdentity> vms, IReadOnlyDictionary<DomainIdentity, string> names, ExchangeState state, bool asking)
    {
        var now = new HashSet<(string, string)>();
        foreach (var slot in state.Pendrives.Values.Where(IsPlugged).Select(p => p.Slot).OfType<Slot>())
        {
            if (names.TryGetValue(slot.Vm, out var name) && vms[name] == slot.Vm) now.Add((name, slot.Vdev.Name));
        }

        if (asking) now.Add(("person", "?"));
        foreach (var begun in now) open.TryAdd(begun, frame);
        foreach (var ended in open.Keys.Where(span => !now.Contains(span)).ToArray())
        {
            over.Add(new(ended.Row, ended.What, open[ended], frame));
            open.Remove(ended);
        }
    }

    public IReadOnlyList<StorySpan> Until(long frame) => [.. over, .. open.Select(span => new StorySpan(span.Key.Row, span.Key.What, span.Value, frame))];

    private static bool IsPlugged(Pendrive p) =>
        p.Stage is Stage.AtSender or Stage.Asking or Stage.Opening or Stage.Committing or Stage.Stuck or Stage.Recalled or Stage.LeavingSender or Stage.AtReceiver or Stage.LeavingReceiver or Stage.Quarantined;
}
