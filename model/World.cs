using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Model;

/// <summary>What kind of step it is.</summary>
public enum StepKind
{
    /// <summary>An effect is done, time passes, the person answers, the rules hear what is so.</summary>
    Calm,

    /// <summary>A VM asks for the end of what it has: <c>cancel</c>, <c>umount</c>, <c>killme</c>.</summary>
    Ends,

    /// <summary>Another request, a fault, a VM that ends, boots or changes its name.</summary>
    Wild,
}

/// <summary>One step of the model, as it is drawn.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Row">Whose row it is in.</param>
/// <param name="Letter">Its letter there.</param>
/// <param name="Text">The same in words.</param>
public readonly record struct Label(StepKind Kind, string Row, char Letter, string Text);

/// <summary>The rules' state, and all that is outside of it: what is true, what is being done, what time is awaited.</summary>
/// <param name="Scene">Who takes part.</param>
/// <param name="State">What the rules know.</param>
/// <param name="Ground">What is so.</param>
public sealed record World(Scene Scene, ExchangeState State, Ground Ground)
{
    /// <summary>What is being done, in lanes: the first of each is under way.</summary>
    public ImmutableArray<ImmutableArray<ExchangeCommand.Effect>> Lanes { get; init; } = [];

    /// <summary>What was called off before it began: the rules are still to hear of it.</summary>
    public ImmutableArray<ExchangeEvent> Reports { get; init; } = [];

    /// <summary>The times that are awaited.</summary>
    public ImmutableArray<TimerId> Timers { get; init; } = [];

    /// <summary>The commands of the last turns, for the drawing.</summary>
    public ImmutableArray<ExchangeCommand> Last { get; init; } = [];

    /// <summary>Nothing is left, of anything.</summary>
    public bool IsEmpty => Ground.Domains.IsEmpty && IsIdle && HasNoPendrive;

    /// <summary>No pendrive and no disposable VM.</summary>
    public bool HasNoPendrive => State.Pendrives.IsEmpty && State.Slots.IsEmpty && State.Questions.IsEmpty && State.Dvms.IsEmpty && Ground.Vbds.IsEmpty;

    /// <summary>Nothing is being done, and no time is awaited.</summary>
    public bool IsIdle => Lanes.IsEmpty && Reports.IsEmpty && Timers.IsEmpty;

    /// <summary>The newest request of each VM that runs has its last word.</summary>
    public bool IsAllAnswered
    {
        get
        {
            foreach (var vm in State.Vms.Values)
            {
                if (vm.Taken > 0 && (!Ground.Statuses.TryGetValue(vm.Identity, out var status) || status.N != vm.Taken || status.Open)) return false;
            }

            return true;
        }
    }

    /// <summary>The world at its beginning: every VM runs.</summary>
    public static World Start(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var world = new World(scene, new ExchangeState(scene.Settings), new());
        for (var kin = 0; kin < scene.Vms.Length; kin++) world = world.Boot(kin);
        if (scene.Opened)
        {
            var work = world.Ground.Domains.First(d => d.Value.Kin == 0).Key;
            world = world.Decide(new ExchangeEvent.Qpen(new QpenEvent.Taken(work, new Request.New(null, false)))).Rest();
            world = world.Decide(new ExchangeEvent.Qpen(new QpenEvent.Taken(work, new Request.SendDisposable(7, ViewOnly: false)))).Rest();
        }

        return world with { Last = [] };
    }

    /// <summary>Everything that is begun is done, and every domain is seen.</summary>
    private World Rest()
    {
        var world = this;
        while (true)
        {
            if (!world.Lanes.IsEmpty) world = world.End(world.Lanes[0], Outcomes.Of(world.Ground, world.State, world.Lanes[0][0]).First());
            else if (world.Ground.Domains.FirstOrDefault(d => !d.Value.Appeared) is { Value: { } unseen } found) world = world.Appear(found.Key, unseen);
            else return world;
        }
    }

    /// <summary>Everything that may happen next, in an order that is always the same.</summary>
    public IEnumerable<(Label Label, Func<World> Next)> Steps()
    {
        foreach (var lane in Lanes)
        {
            foreach (var outcome in Outcomes.Of(Ground, State, lane[0]))
                yield return (Label(lane[0], outcome), () => End(lane, outcome));
        }

        foreach (var report in Reports)
            yield return (new(StepKind.Calm, "time", 'o', $"hears {Text(report)}"), () => (this with { Reports = Reports.Remove(report) }).Decide(report));
        foreach (var timer in Timers)
            yield return (new(StepKind.Calm, "time", 't', $"time is up: {timer.GetType().Name}"), () => (this with { Timers = Timers.Remove(timer) }).Decide(new ExchangeEvent.TimeUp(timer)));
        foreach (var (domain, outside) in Ground.Domains.OrderBy(d => d.Key.Domid.Value))
        {
            foreach (var step in OfDomain(domain, outside)) yield return step;
        }

        for (var kin = 0; kin < Scene.Vms.Length; kin++)
        {
            if (!Scene.Reboots || Ground.Domains.Values.Any(d => d.Kin == kin)) continue;
            var boots = kin;
            yield return (new(StepKind.Wild, Scene.Vms[kin].ToString(), 'B', "boots"), () => (this with { Last = [] }).Boot(boots));
        }
    }

    private IEnumerable<(Label Label, Func<World> Next)> OfDomain(DomainIdentity domain, Outside outside)
    {
        var name = outside.Name.ToString();
        if (outside.Dead)
        {
            yield return (new(StepKind.Calm, name, '.', "is seen to be gone"), () => this.SeeGone(domain, outside));
            yield break;
        }

        if (!outside.Appeared)
        {
            yield return (new(StepKind.Calm, name, 'A', "is seen"), () => Appear(domain, outside));
            yield return (new(StepKind.Wild, name, 'D', "dies"), () => this with { Ground = Outcomes.Kill(Ground, domain), Last = [] });
            yield break;
        }

        foreach (var (letter, request) in Scene.RequestsOf(outside.Kin))
        {
            var kind = request is Request.Cancel or Request.Umount or Request.KillMe ? StepKind.Ends : StepKind.Wild;
            yield return (new(kind, name, letter, $"says {request}"), () => Decide(new ExchangeEvent.Qpen(new QpenEvent.Taken(domain, request))));
        }

        yield return (new(StepKind.Wild, name, 'D', "dies"), () => (this with { Ground = Outcomes.Kill(Ground, domain) }).SeeGone(domain, outside));
        if (!Scene.Renames || outside.Kin >= Ground.Disposables) yield break;
        var renamed = this with { Ground = Ground with { Domains = Ground.Domains.SetItem(domain, outside with { Named = !outside.Named }) } };
        if (outside.Named) yield return (new(StepKind.Wild, name, '2', "a second one of its name appears"), () => renamed.Decide(new ExchangeEvent.NameFreed(outside.Name)));
        else yield return (new(StepKind.Wild, name, 'E', "the second one ends"), () => renamed.Decide(new ExchangeEvent.NameBound(outside.Name, domain.Domid)));
    }

    private World End(ImmutableArray<ExchangeCommand.Effect> lane, Outcome outcome)
    {
        var after = this with { Ground = outcome.Ground, Last = [] };
        if (!outcome.More) after = after with { Lanes = lane.Length == 1 ? Lanes.Remove(lane) : Lanes.Replace(lane, lane.RemoveAt(0)) };
        return outcome.Event is { } happened ? after.Decide(happened) : after;
    }

    private World Boot(int kin)
    {
        var (ground, domain) = Ground.Create(kin, Scene.Vms[kin], appeared: false);
        return (this with { Ground = ground }).Appear(domain, ground.Domains[domain]);
    }

    private World Appear(DomainIdentity domain, Outside outside)
    {
        var seen = this with { Ground = Ground with { Domains = Ground.Domains.SetItem(domain, outside with { Appeared = true }) }, Last = [] };
        return seen.Decide(
            new ExchangeEvent.DomainAppeared(domain),
            new ExchangeEvent.NameBound(outside.Name, domain.Domid),
            new ExchangeEvent.Qpen(new QpenEvent.Prepared(domain, new(0, Left: false, Open: false))));
    }

    private World SeeGone(DomainIdentity domain, Outside outside)
    {
        var gone = this with { Ground = Ground with { Domains = Ground.Domains.Remove(domain) } };
        return outside.Named
            ? gone.Decide(new ExchangeEvent.DomainGone(domain), new ExchangeEvent.NameFreed(outside.Name))
            : gone.Decide(new ExchangeEvent.DomainGone(domain));
    }

    /// <summary>The rules hear of it; what they want done is begun.</summary>
    private World Decide(params ReadOnlySpan<ExchangeEvent> events)
    {
        var (state, ground, lanes, reports, timers) = (State, Ground, Lanes, Reports, Timers);
        var last = ImmutableArray.CreateBuilder<ExchangeCommand>();
        foreach (var happened in events)
        {
            var step = Scene.Decide(state, happened);
            ground = ground.After(state, step);
            state = step.State;
            foreach (var command in step.Commands)
            {
                last.Add(command);
                switch (command)
                {
                    case ExchangeCommand.Effect effect when !Outcomes.IsSilent(effect):
                        var at = Find(lanes, effect.Lane);
                        lanes = at < 0 ? lanes.Add([effect]) : lanes.SetItem(at, lanes[at].Add(effect));
                        break;
                    case ExchangeCommand.CallOff off:
                        (lanes, reports) = CallOff(lanes, reports, off);
                        break;
                    case ExchangeCommand.StartTimer { Timer: TimerId.Opening }:    // bounds what is asked for in a minute, which is without bound here
                        break;
                    case ExchangeCommand.StartTimer start:
                        if (!timers.Contains(start.Timer)) timers = timers.Add(start.Timer);
                        break;
                    case ExchangeCommand.StopTimer stop:
                        timers = timers.Remove(stop.Timer);
                        break;
                }
            }
        }

        return this with { State = state, Ground = ground, Lanes = lanes, Reports = reports, Timers = timers, Last = last.ToImmutable() };
    }

    private static int Find(ImmutableArray<ImmutableArray<ExchangeCommand.Effect>> lanes, Lane lane)
    {
        for (var i = 0; i < lanes.Length; i++)
        {
            if (lanes[i][0].Lane == lane) return i;
        }

        return -1;
    }

    /// <summary>As the lane runner does it. One that is under way may end in any way, as it may anyhow; but the person cannot answer it any more.</summary>
    private static (ImmutableArray<ImmutableArray<ExchangeCommand.Effect>> Lanes, ImmutableArray<ExchangeEvent> Reports) CallOff(
        ImmutableArray<ImmutableArray<ExchangeCommand.Effect>> lanes, ImmutableArray<ExchangeEvent> reports, ExchangeCommand.CallOff off)
    {
        var at = Find(lanes, off.Lane);
        if (at < 0) return (lanes, reports);
        var lane = lanes[at];
        for (var i = 0; i < lane.Length; i++)
        {
            if (!off.Means(lane[i])) continue;
            if (i == 0 && lane[i] is not ExchangeCommand.Ask) return (lanes, reports);
            var left = lane.RemoveAt(i);
            var report = lane[i] is ExchangeCommand.Ask ? null : lane[i].Fail(Failure.Interrupted);    // a question that is closed: the rules ignore what comes of it
            return (left.IsEmpty ? lanes.RemoveAt(at) : lanes.SetItem(at, left), report is null ? reports : reports.Add(report));
        }

        return (lanes, reports);
    }

    private static Label Label(ExchangeCommand.Effect effect, Outcome outcome)
    {
        if (effect is ExchangeCommand.Ask)
        {
            return outcome.Event switch
            {
                ExchangeEvent.QuestionShown => new(StepKind.Calm, "person", 's', "sees the question"),
                ExchangeEvent.Answered { Yes: true, Chosen: { } chosen } => new(StepKind.Calm, "person", 'y', $"chooses {chosen}"),
                ExchangeEvent.Answered { Yes: true } => new(StepKind.Calm, "person", 'y', "says yes"),
                ExchangeEvent.Answered => new(StepKind.Calm, "person", 'n', "says no"),
                _ => new(StepKind.Wild, "person", 'f', "cannot be asked"),
            };
        }

        var row = outcome.Kind switch { Ending.Done => "done", Ending.Fails => "fails", _ => "loses" };
        return new(outcome.Kind == Ending.Done ? StepKind.Calm : StepKind.Wild, row, CounterExample.LetterOf(effect), $"{row}: {effect.GetType().Name}, {(outcome.Event is null ? "" : Text(outcome.Event))}");
    }

    private static string Text(ExchangeEvent happened) => happened switch
    {
        ExchangeEvent.AttachFailed e => $"AttachFailed {e.Id}{(e.Exposed ? ", it may have been seen" : "")}",
        ExchangeEvent.SavefileLooked e => $"SavefileLooked {(e.Seen.Fresh ? "fresh" : "stale")}",
        ExchangeEvent.Detached e => $"Detached {e.Id}, {e.Written} bytes written",
        _ => happened.GetType().Name,
    };
}
