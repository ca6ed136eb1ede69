using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reflection;
using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Control;

/// <summary>What can be seen of the daemon from outside: each turn of the rules, as the control socket and <c>watch</c> show it.</summary>
/// <remarks>Told on the rules' thread, asked on any. It keeps the state, which is immutable, and makes a view of it when asked.</remarks>
internal sealed class ControlBoard : IObserver<ExchangeStep>, IDisposable
{
    /// <summary>So many decisions, and so many events, are remembered.</summary>
    public const int Remembered = 256;

    private readonly TimeProvider time;
    private readonly DateTimeOffset started;
    private readonly long since;
    private readonly Lock gate = new();
    private readonly Queue<DecisionView> decisions = new();
    private readonly Queue<EventView> events = new();
    private readonly Subject<EventView> happened = new();
    private volatile ExchangeState? state;
    private volatile bool store = true;
    private long last;

    public ControlBoard(TimeProvider time)
    {
        this.time = time;
        started = time.GetUtcNow();
        since = time.GetTimestamp();
    }

    /// <summary>What happens from now on, on the rules' thread: whoever listens must not block.</summary>
    public IObservable<EventView> Events => happened.AsObservable();

    /// <summary>Whether xenstored is there.</summary>
    public bool StoreIsThere
    {
        get => store;
        set => store = value;
    }

    public OverviewView Overview() => new(Status(), Domains(), Pendrives(), Questions(), Dvms());

    public StatusView Status()
    {
        var now = state;
        return new(Version, started, store, now?.Vms.Count ?? 0, now?.Pendrives.Count ?? 0, now?.Questions.Count ?? 0, now?.Dvms.Count ?? 0,
            now is null || now.Policy.Missing is not null ? null : now.Policy.Rules.Length);
    }

    public IReadOnlyList<DomainView> Domains()
    {
        if (state is not { } now) return [];
        return [.. now.Vms.Values.OrderBy(vm => vm.Domid.Value).Select(vm => new DomainView(
            vm.Domid.Value, NameOf(now, vm.Domid), vm.Taken, now.In(new(vm.Identity, Vdev.Xvdg))?.Id.ToString(), now.In(new(vm.Identity, Vdev.Xvdh))?.Id.ToString()))];
    }

    public IReadOnlyList<PendriveView> Pendrives()
    {
        if (state is not { } now) return [];
        return [.. now.Pendrives.Values.OrderBy(p => p.Id.Value).Select(p => new PendriveView(
            p.Id.ToString(), NameOf(now, p.Sender.Domid) ?? $"domain {p.Sender.Domid}", Words.ReceiverOf(p), Words.Of(p.Stage),
            p.Slot is { } slot ? $"{NameOf(now, slot.Vm.Domid) ?? $"domain {slot.Vm.Domid}"} {slot.Vdev.Name}" : null))];
    }

    public IReadOnlyList<QuestionView> Questions()
    {
        if (state is not { } now) return [];
        return [.. now.Pendrives.Values.Select(p => (p.Id, Asking: p.Stage as Stage.Asking)).Where(p => p.Asking is not null).OrderBy(p => p.Asking!.Question.Value)
            .Select(p => new QuestionView(
                p.Asking!.Question.ToString(), p.Id.ToString(), p.Asking.From.Name.ToString(), p.Asking.For.ToName?.ToString(), p.Asking.For.Service.Word(), p.Asking.Rule,
                p.Asking.Shown, (int)Math.Max(0, (time.GetElapsedTime(since) - p.Asking.Since).TotalSeconds)))];
    }

    public IReadOnlyList<DvmView> Dvms()
    {
        if (state is not { } now) return [];
        return [.. now.Dvms.Values.Select(d => new DvmView(
            d.Id.ToString(), d.Vm?.Name.ToString(), d.Vm?.Identity.Domid.Value, d.For?.Requester.Name.ToString(), Words.Of(d.Stage)))];
    }

    /// <summary>The last decisions, the oldest first.</summary>
    public IReadOnlyList<DecisionView> History()
    {
        lock (gate) return [.. decisions];
    }

    /// <summary>The last events, the oldest first.</summary>
    public IReadOnlyList<EventView> Recent()
    {
        lock (gate) return [.. events];
    }

    /// <summary>The pendrive of this name, or that a question of this name is about.</summary>
    public Pendrive? Find(string id)
    {
        if (state is not { } now) return null;
        return now.Pendrives.Values.FirstOrDefault(p => p.Id.ToString() == id || (p.Stage is Stage.Asking asking && asking.Question.ToString() == id));
    }

    public void OnNext(ExchangeStep value)
    {
        state = value.State;
        switch (value.Cause)
        {
            case ExchangeEvent.NameBound e: Tell("domain", e.Name.ToString(), null, $"runs as domain {e.Domid}"); break;
            case ExchangeEvent.NameFreed e: Tell("domain", e.Name.ToString(), null, "has ended"); break;
            case ExchangeEvent.Qpen { What: QpenEvent.Taken e }: Tell("request", NameOf(value.State, e.From.Domid) ?? $"domain {e.From}", null, Words.Of(e.Request)); break;
        }

        foreach (var command in value.Commands)
        {
            if (command is ExchangeCommand.Record { Report: var r })
                Tell("report", r.Name?.ToString() ?? $"domain {r.About}", r.Pendrive?.ToString(), $"{(r.To is { } to ? $"to {to}: " : "")}{r.Code.Word()}: {r.Text}");
            else if (command is ExchangeCommand.Audit { What: var d })
                Decided(d);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => happened.Dispose();

    private void Decided(Decided d)
    {
        lock (gate)
        {
            if (decisions.Count == Remembered) decisions.Dequeue();
            decisions.Enqueue(new(
                time.GetUtcNow(), d.Service.Word(), d.Name.ToString(), d.To?.ToString(), d.Pendrive?.ToString(), d.Allowed, d.Code.Word(), d.By, d.Rule,
                (int)d.Took.TotalMilliseconds, d.Written, d.Why));
        }

        Tell("decision", d.Name.ToString(), d.Pendrive?.ToString(), $"{d.Service.Word()}{(d.To is { } to ? $" to {to}" : "")}: {(d.Allowed ? "allowed" : "denied")} by {d.By}");
    }

    private void Tell(string kind, string vm, string? pendrive, string text)
    {
        var told = new EventView(++last, time.GetUtcNow(), kind, vm, pendrive, text);
        lock (gate)
        {
            if (events.Count == Remembered) events.Dequeue();
            events.Enqueue(told);
        }

        happened.OnNext(told);
    }

    private static string? NameOf(ExchangeState state, Domid domid) => state.NamesOf.TryGetValue(domid, out var name) ? name.ToString() : null;

    private static string Version { get; } =
        typeof(ControlBoard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
