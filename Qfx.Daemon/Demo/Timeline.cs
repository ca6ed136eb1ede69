using System.Globalization;
using Qfx.Daemon.Control;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Daemon.Demo;

/// <summary>Tells what happens, a line an event, with the time since the start.</summary>
internal sealed class Timeline(TextWriter output, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly long start = time.GetTimestamp();

    public void Say(string who, string what)
    {
        var elapsed = time.GetElapsedTime(start).TotalSeconds;
        lock (gate) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed,7:0.000} s  {who,-9} {what}"));
    }

    /// <summary>One turn of the rules.</summary>
    public void Say(ExchangeStep step)
    {
        if (Told(step) is { } words) Say("dom0", words);
        foreach (var refused in step.Commands.OfType<ExchangeCommand.Audit>().Where(audit => !audit.What.Allowed))
            Say("dom0", $"refuses {refused.What.Name} -> {refused.What.To?.ToString() ?? "?"}: {refused.What.Why}");
    }

    private static string? Told(ExchangeStep step) => step.Cause switch
    {
        ExchangeEvent.NameBound e => $"{e.Name} runs as domain {e.Domid}",
        ExchangeEvent.Qpen { What: QpenEvent.Taken e } => $"takes the request of domain {e.From}: {Words.Of(e.Request)}",
        ExchangeEvent.Made e => $"{e.Id} is made",
        ExchangeEvent.Attached e => step.State.Pendrives.TryGetValue(e.Id, out var p) && p.Slot is { } slot
            ? $"{e.Id} is attached to domain {slot.Vm} as {slot.Vdev.Name}" : null,
        ExchangeEvent.QuestionShown e => $"{e.Question}: may it be sent?",
        ExchangeEvent.Answered e => $"{e.Question}: {(e.Yes ? "yes" : "no")}",
        ExchangeEvent.Detached e => $"{e.Id} is detached",
        ExchangeEvent.Announced e => $"{e.Id} is announced to the receiver",
        ExchangeEvent.Deleted e => $"{e.Id} is deleted",
        ExchangeEvent.Restored e => $"{e.Id}: {e.Vm.Name} is restored as domain {e.Vm.Identity}, paused",
        ExchangeEvent.Recorded e => $"{e.Id}: what it may do is on disk",
        ExchangeEvent.Entered e => $"{e.Id} is in the list of VMs",
        ExchangeEvent.Destroyed e => $"{e.Id} is destroyed",
        ExchangeEvent.EntryRemoved e => $"{e.Id} is gone from the list of VMs",
        _ => null,
    };
}
