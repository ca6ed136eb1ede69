using System.Globalization;
using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Streams.Requests;

namespace Qfx.Model;

/// <summary>What goes wrong with one effect of a scenario.</summary>
public enum Fault
{
    /// <summary>It is not done, and says so.</summary>
    Fails,

    /// <summary>It is done, and says that it failed.</summary>
    LosesAnswer,

    /// <summary>It is not done, and says nothing.</summary>
    Hangs,

    /// <summary>It is done, and says nothing.</summary>
    HangsDone,

    /// <summary>The daemon is killed before it, and started anew.</summary>
    KilledBefore,

    /// <summary>The daemon is killed when it is done, before that is known, and started anew.</summary>
    KilledAfter,
}

/// <summary>One scenario by chance, played by the daemon's own rules, lanes and timers in virtual time, with one fault or two.</summary>
/// <remarks>After each turn the invariants of <see cref="Ground"/> are held against it; four days later every request of a VM that still runs must
/// have had its last word; and an hour after the end of all VMs nothing may be left.</remarks>
public sealed class FaultRun : IDisposable
{
    private static readonly TimeSpan Acts = TimeSpan.FromMinutes(4);

    private readonly Random chance;
    private readonly Scene scene = Scene.Full;
    private readonly VirtualClock time = new();
    private Subject<ExchangeEvent> inputs = new();
    private IDisposable? running;
    private bool down;
    private readonly List<string> trace = [];
    private readonly Dictionary<int, Fault> faults = [];
    private Ground ground = new();
    private readonly HashSet<DomainIdentity> unanswered = [];
    private ExchangeState state;
    private int effects;
    private string? wrong;

    private FaultRun(int seed, IReadOnlyDictionary<int, Fault> faults)
    {
        chance = new(seed);
        foreach (var (number, fault) in faults) this.faults.Add(number, fault);
        state = new(Settings);
    }

    /// <summary>Disposable VMs that run four days later and that nobody answers for: killed between a restore and its record.</summary>
    public int Strangers { get; private set; }

    private ExchangeSettings Settings => new() { Policy = scene.Settings.Policy, NoticesPerMinute = 5, Disposables = new() { PerRequester = 2 } };

    /// <summary>Plays a scenario without a fault, and says how many effects it has.</summary>
    /// <exception cref="InvariantException">Something does not hold.</exception>
    public static int Count(int seed)
    {
        using var run = new FaultRun(seed, new Dictionary<int, Fault>());
        run.Play(seed);
        return run.effects;
    }

    /// <summary>Plays a scenario.</summary>
    /// <param name="seed">Which.</param>
    /// <param name="faults">Which of its effects go wrong, by number from 0.</param>
    /// <exception cref="InvariantException">Something does not hold; it has all that happened.</exception>
    /// <returns>How many disposable VMs are left that nobody answers for, four days later.</returns>
    public static int Check(int seed, IReadOnlyDictionary<int, Fault> faults)
    {
        using var run = new FaultRun(seed, faults);
        run.Play(seed);
        return run.Strangers;
    }

    /// <summary>Plays each of so many scenarios once for every point at which the daemon can be killed: before each effect, and after it.</summary>
    /// <returns>How many points those were; and at how many a disposable VM was left that nobody answers for.</returns>
    public static (int Points, int Strangers) KillEverywhere(int first, int many)
    {
        var (points, strangers) = (0, 0);
        for (var seed = first; seed < first + many; seed++)
        {
            var has = Count(seed);
            for (var point = 0; point < 2 * has; point++)
            {
                points++;
                if (Check(seed, new Dictionary<int, Fault> { [point / 2] = point % 2 == 0 ? Fault.KilledBefore : Fault.KilledAfter }) > 0) strangers++;
            }
        }

        return (points, strangers);
    }

    /// <summary>Plays so many scenarios, each with one fault or two at effects that it has.</summary>
    /// <returns>How often each fault was met.</returns>
    public static IReadOnlyDictionary<Fault, int> CheckMany(int first, int many)
    {
        var met = Enum.GetValues<Fault>().ToDictionary(f => f, _ => 0);
        for (var seed = first; seed < first + many; seed++)
        {
            var chance = new Random(~seed);
            var has = Count(seed);
            if (has == 0) continue;
            var faults = new Dictionary<int, Fault>();
            for (var i = 0; i < 1 + (seed % 2); i++) faults[chance.Next(has)] = (Fault)chance.Next(met.Count);
            foreach (var fault in faults.Values) met[fault]++;
            Check(seed, faults);
        }

        return met;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        running?.Dispose();
        inputs.Dispose();
    }

    private void Play(int seed)
    {
        Start(new([]));
        for (var kin = 0; kin < scene.Vms.Length; kin++) Boot(kin);
        var acts = chance.Next(8, 30);
        var mean = chance.Next(3) == 0 ? Acts.Ticks : TimeSpan.FromSeconds(3).Ticks;    // slowly, or all at once
        for (var i = 0; i < acts; i++) time.Schedule(TimeSpan.FromTicks(chance.NextInt64(mean)), () => Guarded(Act));
        time.AdvanceBy(TimeSpan.FromDays(4));
        Strangers = ground.Domains.Count(d => d.Value.Kin >= Ground.Disposables && state.DvmOf(d.Key) is null);
        if (wrong is null && !new World(scene, state, ground).IsAllAnswered) wrong = "a request got no last word within four days";
        foreach (var domain in ground.Domains.Keys) Die(domain);
        time.AdvanceBy(TimeSpan.FromHours(1));
        if (wrong is null && (!state.Pendrives.IsEmpty || !state.Slots.IsEmpty || !state.Questions.IsEmpty || !state.Dvms.IsEmpty)) wrong = "all VMs are gone, and the rules are not empty";
        if (wrong is null && !ground.Vbds.IsEmpty) wrong = $"all VMs are gone, and images are plugged: {string.Join(' ', ground.Vbds.Keys)}";
        if (wrong is null && !ground.Images.Except(ground.ByHand).IsEmpty) wrong = $"all VMs are gone, and images lie in the spool: {string.Join(' ', ground.Images)}";
        if (wrong is null && !ground.Entries.IsEmpty) wrong = "all VMs are gone, and the VM database has disposable ones";
        if (wrong is null) return;
        throw new InvariantException(
            $"seed {seed}, faults {string.Join(", ", faults.Select(f => $"{f.Key} {f.Value}"))}: {wrong}\n{string.Join('\n', trace)}");
    }

    private void Start(ExchangeEvent.Recovered found)
    {
        state = new(Settings);
        running = ExchangeLoop.Run(inputs, Settings, Execute, new NoTakenNotes(), time).Subscribe(
            step => Guarded(() => OnStep(step)), error => wrong ??= $"the rules ended: {error}");
        inputs.OnNext(found);
    }

    /// <summary>What is under way comes to nothing; VMs write, end and begin meanwhile; then there is another daemon.</summary>
    private void Kill()
    {
        if (down) return;
        down = true;
        Note("is killed");
        running!.Dispose();
        inputs.Dispose();
        time.Schedule(TimeSpan.FromSeconds(1), () => Guarded(Restart));
    }

    private void Restart()
    {
        Note("is started");
        down = false;
        inputs = new();
        (ground, var found) = ground.Restart();
        Start(found);
        foreach (var (domain, outside) in ground.Domains.OrderBy(d => d.Key.Domid.Value))
        {
            ground = ground with { Domains = ground.Domains.SetItem(domain, outside with { Appeared = true }) };
            var status = ground.Statuses.GetValueOrDefault(domain);
            Tell(new ExchangeEvent.DomainAppeared(domain));
            if (outside.Named) Tell(new ExchangeEvent.NameBound(outside.Name, domain.Domid));
            var left = chance.Next(4) == 0;
            Tell(new ExchangeEvent.Qpen(new QpenEvent.Prepared(domain, new(status.N, left, status.Open) { Lost = unanswered.Remove(domain) ? 1 : 0 })));
        }
    }

    /// <summary>The rules hear of it, if there are any.</summary>
    private void Tell(ExchangeEvent happened)
    {
        if (down) return;
        if (happened is ExchangeEvent.Qpen { What: QpenEvent.Taken taken }) unanswered.Add(taken.From);
        inputs.OnNext(happened);
    }

    private void OnStep(ExchangeStep step)
    {
        if (wrong is not null) return;
        if (step.Cause is { } cause) Note($"hears {cause}");
        var before = state;
        state = step.State;
        ground = ground.After(before, step);
        foreach (var write in step.Commands.OfType<ExchangeCommand.WriteStatus>()) unanswered.Remove(write.To);
        if (step.Cause is ExchangeEvent.DeleteFailed e) ground = ground with { ByHand = ground.ByHand.Add(e.Id.Value) };
    }

    private void Act()
    {
        var running = ground.Domains.Where(d => d.Value is { Dead: false, Appeared: true }).OrderBy(d => d.Key.Domid.Value).ToArray();
        var dice = chance.Next(20);
        var missing = Enumerable.Range(0, scene.Vms.Length).Where(kin => ground.Domains.Values.All(d => d.Kin != kin)).ToArray();
        if (dice == 0 && missing.Length > 0)
        {
            Boot(missing[chance.Next(missing.Length)]);
            return;
        }

        if (running.Length == 0) return;
        var (domain, outside) = running[chance.Next(running.Length)];
        if (dice == 1)
        {
            Die(domain);
            return;
        }

        if (dice == 2 && outside.Kin < Ground.Disposables)
        {
            ground = ground with { Domains = ground.Domains.SetItem(domain, outside with { Named = !outside.Named }) };
            Tell(outside.Named ? new ExchangeEvent.NameFreed(outside.Name) : new ExchangeEvent.NameBound(outside.Name, domain.Domid));
            return;
        }

        // What makes sense is likelier than what does not, or little would come of it.
        var requests = scene.RequestsOf(outside.Kin);
        var likely = state.In(new(domain, Qfx.Xen.Block.Vdev.Xvdg)) is null ? requests[0].Request : requests[chance.Next(requests.Length)].Request;
        Tell(new ExchangeEvent.Qpen(new QpenEvent.Taken(domain, chance.Next(3) == 0 ? requests[chance.Next(requests.Length)].Request : likely)));
    }

    private IObservable<ExchangeEvent> Execute(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        if (Outcomes.IsSilent(effect)) return Observable.Empty<ExchangeEvent>();
        var cancelled = Observable.Create<Unit>(observer => cancel.Register(() => observer.OnNext(Unit.Default)));
        var number = effects++;
        var fault = faults.TryGetValue(number, out var planned) ? planned : (Fault?)null;
        Note($"begins {number} {effect.GetType().Name}{(fault is { } f ? $", which {f}" : "")}");
        if (fault == Fault.KilledBefore) time.Schedule(TimeSpan.Zero, Kill);
        if (fault == Fault.KilledBefore) return Observable.Never<ExchangeEvent>();
        var takes = TimeSpan.FromMilliseconds(chance.Next(1, 60));
        var all = effect is ExchangeCommand.Ask ask ? Ask(ask, fault, takes) : Observable.Timer(takes, time).SelectMany(_ => Finish(effect, fault));
        return all.TakeUntil(cancelled);
    }

    private IObservable<ExchangeEvent> Ask(ExchangeCommand.Ask ask, Fault? fault, TimeSpan takes)
    {
        if (fault == Fault.KilledAfter) time.Schedule(takes, Kill);
        if (fault is Fault.Hangs or Fault.HangsDone or Fault.KilledAfter) return Observable.Never<ExchangeEvent>();
        if (fault is not null) return Observable.Timer(takes, time).Select(_ => ask.Fail(new(StatusCode.Failed, "a fault")));
        var shown = Observable.Timer(takes, time).Select(_ => (ExchangeEvent)new ExchangeEvent.QuestionShown(ask.Question, 0));
        if (chance.Next(8) == 0) return shown.Concat(Observable.Never<ExchangeEvent>());    // the person is away
        VmName? chosen = ask.Choices.IsEmpty ? null : ask.Choices[chance.Next(ask.Choices.Length)];
        ExchangeEvent answer = new ExchangeEvent.Answered(ask.Question, chance.Next(4) > 0, chosen);
        return shown.Concat(Observable.Timer(TimeSpan.FromMilliseconds(chance.Next(50, 5000)), time).Select(_ => answer));
    }

    private IObservable<ExchangeEvent> Finish(ExchangeCommand.Effect effect, Fault? fault)
    {
        var events = Observable.Empty<ExchangeEvent>();
        Guarded(() =>
        {
            if (fault == Fault.Hangs)
            {
                events = Observable.Never<ExchangeEvent>();
                return;
            }

            var wanted = fault switch { Fault.Fails => Ending.Fails, Fault.LosesAnswer => Ending.LosesAnswer, _ => Ending.Done };
            var all = Outcomes.Of(ground, state, effect).ToArray();
            var fitting = all.Where(o => o.Kind == wanted).ToArray();
            if (fitting.Length == 0) fitting = [.. all.Where(o => o.Kind == Ending.Done)];    // a fault that this effect cannot have
            var outcome = fitting[chance.Next(4) == 0 ? chance.Next(fitting.Length) : 0];
            var was = ground;
            ground = outcome.Ground;
            Follow(was);
            if (fault == Fault.KilledAfter) time.Schedule(TimeSpan.Zero, Kill);
            if (fault is Fault.HangsDone or Fault.KilledAfter) events = Observable.Never<ExchangeEvent>();
            else if (outcome.Event is { } happened) events = Observable.Return(happened, ImmediateScheduler.Instance);
        });
        return events;
    }

    /// <summary>Domains that an effect made or ended are seen a little later.</summary>
    private void Follow(Ground was)
    {
        foreach (var (domain, outside) in ground.Domains)
        {
            if (!was.Domains.TryGetValue(domain, out var before)) Later(() => Appear(domain));
            else if (outside.Dead && !before.Dead) Later(() => SeeGone(domain));
        }
    }

    private void Later(Action action) => time.Schedule(TimeSpan.FromMilliseconds(chance.Next(0, 200)), () => Guarded(action));

    private void Boot(int kin)
    {
        (ground, var domain) = ground.Create(kin, scene.Vms[kin], appeared: false);
        Appear(domain);
    }

    private void Appear(DomainIdentity domain)
    {
        if (down || !ground.Domains.TryGetValue(domain, out var outside) || (outside.Appeared && outside.Kin >= Ground.Disposables)) return;
        ground = ground with { Domains = ground.Domains.SetItem(domain, outside with { Appeared = true }) };
        Tell(new ExchangeEvent.DomainAppeared(domain));
        Tell(new ExchangeEvent.NameBound(outside.Name, domain.Domid));
        Tell(new ExchangeEvent.Qpen(new QpenEvent.Prepared(domain, new(0, Left: false, Open: false))));
    }

    private void Die(DomainIdentity domain)
    {
        if (!ground.Runs(domain)) return;
        ground = Outcomes.Kill(ground, domain);
        if (ground.Domains.ContainsKey(domain)) Later(() => SeeGone(domain));
    }

    private void SeeGone(DomainIdentity domain)
    {
        if (!ground.Domains.TryGetValue(domain, out var outside)) return;
        ground = ground with { Domains = ground.Domains.Remove(domain) };
        Tell(new ExchangeEvent.DomainGone(domain));
        if (outside.Named) Tell(new ExchangeEvent.NameFreed(outside.Name));
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (InvariantException e)
        {
            wrong ??= e.Message;
        }
    }

    private void Note(string what) => trace.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,12:F3}  {what}"));
}
