using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Model;

/// <summary>How an effect can end.</summary>
public enum Ending
{
    /// <summary>It is done, and says so.</summary>
    Done,

    /// <summary>It is not done, and says so.</summary>
    Fails,

    /// <summary>It is done, and says that it failed: its answer was lost, or came too late.</summary>
    LosesAnswer,
}

/// <summary>One way in which an effect can end.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Ground">What is true then.</param>
/// <param name="Event">What the rules hear; null for nothing.</param>
/// <param name="More">Goes on after this: a question that is on the screen.</param>
public readonly record struct Outcome(Ending Kind, Ground Ground, ExchangeEvent? Event, bool More = false);

/// <summary>All the ways in which an effect can end.</summary>
public static class Outcomes
{
    private static readonly Failure Failed = new(StatusCode.Failed, "a fault");

    private static readonly VmName SavedFrom = VmName.Parse("dvm");

    /// <summary>Nobody hears how it ended.</summary>
    public static bool IsSilent(ExchangeCommand.Effect effect) => effect is ExchangeCommand.Record or ExchangeCommand.Audit or ExchangeCommand.Notify
        or ExchangeCommand.WriteStatus or ExchangeCommand.DropDeadDisk or ExchangeCommand.ReleaseMemory or ExchangeCommand.ForgetDvm;

    /// <summary>The ways.</summary>
    /// <param name="ground">What is true before.</param>
    /// <param name="state">What the rules know; to leave out what would come to the same.</param>
    /// <param name="effect">The effect.</param>
    public static IEnumerable<Outcome> Of(Ground ground, ExchangeState state, ExchangeCommand.Effect effect)
    {
        ArgumentNullException.ThrowIfNull(ground);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(effect);
        switch (effect)
        {
            case ExchangeCommand.Make e:
                return Simple(e, ground, ground with { Images = ground.Images.Add(e.Id.Value) }, new ExchangeEvent.Made(e.Id));
            case ExchangeCommand.Delete e:
                return Delete(ground, e);
            case ExchangeCommand.Announce e:
                return Simple(e, ground, ground, new ExchangeEvent.Announced(e.Id));
            case ExchangeCommand.Attach e:
                return Attach(ground, e);
            case ExchangeCommand.Detach e:
                return Detach(ground, state, e);
            case ExchangeCommand.Ask e:
                return Ask(ground, state, e);
            case ExchangeCommand.LookAtSavefile e:
                return
                [
                    new(Ending.Done, ground, new ExchangeEvent.SavefileLooked(e.Id, new(true, "1", 1))),
                    new(Ending.Done, ground, new ExchangeEvent.SavefileLooked(e.Id, new(false, "1", 1))),
                    new(Ending.Fails, ground, e.Fail(Failed)),
                ];
            case ExchangeCommand.UpdateSavefile e:
                return Simple(e, ground, ground, new ExchangeEvent.SavefileUpdated(e.Id));
            case ExchangeCommand.AskMemory e:
                return
                [
                    new(Ending.Done, ground, new ExchangeEvent.MemoryGranted(e.Id)),
                    new(Ending.Done, ground, new ExchangeEvent.MemoryRefused(e.Id, "the memory manager refused")),
                    new(Ending.Fails, ground, e.Fail(Failed)),
                ];
            case ExchangeCommand.Restore e:
                return Restore(ground, state, e);
            case ExchangeCommand.RecordDvm e:
                return Simple(e, ground, ground with { Records = ground.Records.SetItem(e.Text.Vm.Identity, e.Text), Reported = e.Text.Used ? ground.Reported : null }, new ExchangeEvent.Recorded(e.Id));
            case ExchangeCommand.Unpause e:
                return Simple(e, ground, ground, new ExchangeEvent.Unpaused(e.Id));
            case ExchangeCommand.EnterDvm e:
                return Simple(e, ground, ground with { Entries = ground.Entries.Add(e.Name.ToString()) }, new ExchangeEvent.Entered(e.Id));
            case ExchangeCommand.RemoveEntry e:
                return Simple(e, ground, ground with { Entries = ground.Entries.Remove(e.Name.ToString()) }, new ExchangeEvent.EntryRemoved(e.Id));
            case ExchangeCommand.DestroyDvm e:
                return Simple(e, ground, Kill(ground, e.Vm), new ExchangeEvent.Destroyed(e.Id));
            case ExchangeCommand.ProveDeath e:
                return [new(Ending.Done, ground, ground.Runs(e.Domain) ? null : new ExchangeEvent.FoundDead(e.Domain)), new(Ending.Fails, ground, null)];
            case ExchangeCommand.DestroyStranger e:
                return [new(Ending.Done, Kill(ground, e.Vm), null), new(Ending.Fails, ground, null)];
            default:
                throw new ArgumentException($"no outcomes are known of {effect.GetType().Name}", nameof(effect));
        }
    }

    /// <summary>It ends; the rules hear of it later, if they had seen it.</summary>
    public static Ground Kill(Ground ground, DomainIdentity domain)
    {
        ArgumentNullException.ThrowIfNull(ground);
        if (!ground.Domains.TryGetValue(domain, out var outside)) return ground;
        return ground with { Domains = outside.Appeared ? ground.Domains.SetItem(domain, outside with { Dead = true }) : ground.Domains.Remove(domain) };
    }

    private static Outcome[] Simple(ExchangeCommand.Effect effect, Ground before, Ground after, ExchangeEvent done)
    {
        var failed = effect.Fail(Failed);
        return ReferenceEquals(before, after)
            ? [new(Ending.Done, after, done), new(Ending.Fails, before, failed)]
            : [new(Ending.Done, after, done), new(Ending.Fails, before, failed), new(Ending.LosesAnswer, after, failed)];
    }

    private static Outcome[] Delete(Ground ground, ExchangeCommand.Delete e)
    {
        var deleted = ground with { Images = ground.Images.Remove(e.Id.Value) };
        if (ground.Vbds.TryGetValue(e.Id.Value, out var slots) && slots.Any(slot => ground.Runs(slot.Vm)))
            throw new InvariantException($"{e.Id} is deleted while domain {slots[0].Vm} has it");
        return
        [
            new(Ending.Done, deleted, new ExchangeEvent.Deleted(e.Id)),
            new(Ending.Fails, ground.Images.Contains(e.Id.Value) ? ground with { ByHand = ground.ByHand.Add(e.Id.Value) } : ground, e.Fail(Failed)),
            new(Ending.LosesAnswer, deleted, e.Fail(Failed)),
        ];
    }

    private static IEnumerable<Outcome> Attach(Ground ground, ExchangeCommand.Attach e)
    {
        var possible = ground.In(e.At) is null && ground.Runs(e.At.Vm);
        var fails = possible ? Ending.Fails : Ending.Done;    // what cannot be done fails without a fault
        if (possible)
        {
            var plugged = ground.Plug(e.Id, e.At);
            yield return new(Ending.Done, plugged, new ExchangeEvent.Attached(e.Id));
            yield return new(Ending.LosesAnswer, plugged, new ExchangeEvent.AttachFailed(e.Id, Failed, Exposed: true));
        }

        yield return new(fails, ground, new ExchangeEvent.AttachFailed(e.Id, Failed, Exposed: false));
        yield return new(fails, ground, new ExchangeEvent.AttachFailed(e.Id, Failed, Exposed: true));
    }

    private static IEnumerable<Outcome> Detach(Ground ground, ExchangeState state, ExchangeCommand.Detach e)
    {
        var noted = ground with { Noted = e.Approved is { } a ? ground.Noted.SetItem(e.Id.Value, a) : ground.Noted.Remove(e.Id.Value) };
        var unplugged = noted.Unplug(e.Id, e.At);
        yield return new(Ending.Done, unplugged, new ExchangeEvent.Detached(e.Id, 0));
        if (state.Pendrives.GetValueOrDefault(e.Id)?.Stage is Stage.LeavingSender { Written: not null })
            yield return new(Ending.Done, unplugged with { Full = unplugged.Full.Add(e.Id.Value) }, new ExchangeEvent.Detached(e.Id, 1L << 30));
        yield return new(Ending.Fails, noted, e.Fail(Failed));
        if (ground.Vbds.ContainsKey(e.Id.Value)) yield return new(Ending.LosesAnswer, unplugged, e.Fail(Failed));
    }

    private static IEnumerable<Outcome> Ask(Ground ground, ExchangeState state, ExchangeCommand.Ask e)
    {
        var shown = state.Questions.TryGetValue(e.Question, out var id) && state.Pendrives[id].Stage is Stage.Asking { Shown: true };
        if (!shown) yield return new(Ending.Done, ground, new ExchangeEvent.QuestionShown(e.Question, 0), More: true);
        if (e.Choices.IsEmpty) yield return new(Ending.Done, ground, new ExchangeEvent.Answered(e.Question, true));
        foreach (var choice in e.Choices) yield return new(Ending.Done, ground, new ExchangeEvent.Answered(e.Question, true, choice));
        yield return new(Ending.Done, ground, new ExchangeEvent.Answered(e.Question, false));
        yield return new(Ending.Fails, ground, e.Fail(Failed));
    }

    private static IEnumerable<Outcome> Restore(Ground ground, ExchangeState state, ExchangeCommand.Restore e)
    {
        var kin = Ground.Disposables;
        while (ground.Domains.Values.Any(d => d.Kin == kin) || state.Dvms.Values.Any(d => d.Vm?.Name == NameOf(kin))) kin++;
        var name = NameOf(kin);
        var (made, vm) = ground.Create(kin, name, appeared: false);
        made = made with { Reported = new(vm, name) };
        yield return new(Ending.Done, made, new ExchangeEvent.Restored(e.Id, new(vm, name), SavedFrom, Paused: false));
        yield return new(Ending.Done, ground, new ExchangeEvent.MemoryRefused(e.Id, "there is none"));
        yield return new(Ending.Fails, ground, e.Fail(Failed));
        yield return new(Ending.LosesAnswer, made, e.Fail(Failed));
    }

    private static VmName NameOf(int kin) => VmName.Parse($"disp{kin - Ground.Disposables + 1}");
}
