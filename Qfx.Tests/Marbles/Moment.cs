using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Marbles;

/// <summary>
/// A moment of a story, and what the rules make of what happens then. For outcomes that race: an effect that was called off may still
/// succeed, and a death may be heard of before or after it.
/// </summary>
internal sealed class Moment(ExchangeState state)
{
    public ExchangeState State { get; private set; } = state;

    /// <summary>Where a story ends; an effect that hangs is what then comes to an end.</summary>
    public static Moment Of(
        string story, Action<VirtualEdge>? edge = null, ExchangeSettings? settings = null, params (char Letter, string Request)[] says)
    {
        using var played = Scenario.Run(story, edge, settings, says);
        return new(played.State);
    }

    /// <summary>The VM of the nth row: domids are given in the order of the rows.</summary>
    public static DomainIdentity Vm(int n) => new(new Domid(n), $"uuid-{n}");

    public static Party Party(int n, string name) => new(Vm(n), VmName.Parse(name));

    /// <summary>So much time passes, in which nothing happens.</summary>
    public void Later(TimeSpan time) => State = State with { Now = State.Now + time };

    /// <summary>What is to be done, in short: the kind of a command, and for a status, a journal entry or a notice also what it is about.</summary>
    public IReadOnlyList<string> When(params ExchangeEvent[] events) => [.. events.SelectMany(Decide)];

    private IEnumerable<string> Decide(ExchangeEvent happened)
    {
        var step = ExchangeRules.Decide(State, happened);
        State = step.State;
        return step.Commands.Select(Word);
    }

    private static string Word(ExchangeCommand command) => command switch
    {
        ExchangeCommand.WriteStatus w => $"{w.To.Domid} reads {w.Status.Code}",
        ExchangeCommand.Record r => $"journal: {r.Report.Text}",
        ExchangeCommand.Notify n => $"notice {n.Kind}",
        ExchangeCommand.Audit a => $"decision by {a.What.By}: {a.What.Why}",
        ExchangeCommand.Attach a => $"attach {a.Id} {At(a.At)}",
        ExchangeCommand.Detach d => $"detach {d.Id} {At(d.At)}{(d.HolderDead ? " of the dead" : "")}",
        ExchangeCommand.Delete d => $"delete {d.Id}",
        ExchangeCommand.Announce a => $"announce {a.Id} to {a.To.Domid}",
        ExchangeCommand.DvmEffect e => $"{e.GetType().Name} {e.Id}",
        ExchangeCommand.StartTimer t => $"start {t.Timer.GetType().Name}",
        ExchangeCommand.StopTimer t => $"stop {t.Timer.GetType().Name}",
        _ => command.GetType().Name,
    };

    private static string At(Slot slot) => $"{slot.Vdev.Name} of {slot.Vm.Domid}";
}
