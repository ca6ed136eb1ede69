using System.Collections.Immutable;
using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Marbles;

/// <summary>The edge in virtual time: each effect takes one frame and succeeds, unless the story says otherwise.</summary>
/// <param name="time">Whose time it is.</param>
/// <param name="frame">What an effect takes.</param>
/// <param name="note">Sees an effect that is "begun", and a question that is "closed".</param>
public sealed class VirtualEdge(IScheduler time, TimeSpan frame, Action<string, ExchangeCommand.Effect> note)
{
    private readonly List<(ExchangeCommand.Ask Ask, Subject<(bool Yes, VmName? Chosen)> Answer)> questions = [];
    private readonly List<(Func<ExchangeCommand.Effect, bool> Which, Func<ExchangeCommand.Effect, ExchangeEvent?> Outcome, TimeSpan? Takes)> special = [];
    private bool unaskable;
    private int busy;

    /// <summary>The host of the disposable VMs.</summary>
    public VirtualDisposables? Disposables { get; set; }

    /// <summary>The pendrives that an earlier run left.</summary>
    public ImmutableArray<FoundPendrive> Found { get; set; } = [];

    /// <summary>Bytes that a question shows.</summary>
    public long? Written { get; set; }

    /// <summary>An effect has begun and will end by itself.</summary>
    public bool IsBusy => busy > 0;

    /// <summary>A question is on the screen.</summary>
    public bool IsAsking => questions.Count > 0;

    /// <summary>The next effect of this kind fails.</summary>
    public void Fail<T>(Func<T, bool> which, Func<T, ExchangeEvent> outcome)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), e => outcome((T)e), null));

    /// <summary>The next effect of this kind never ends, not even when it is called off.</summary>
    public void Hang<T>(Func<T, bool> which)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), _ => null, TimeSpan.MaxValue));

    /// <summary>The next effect of this kind succeeds, but takes so many frames.</summary>
    public void Slow<T>(Func<T, bool> which, int frames)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), Success, frame * frames));

    /// <summary>No question can be put.</summary>
    public void Unaskable() => unaskable = true;

    /// <summary>The person answers the question on the screen, if there is one.</summary>
    public void Answer(bool yes)
    {
        if (questions.Count > 0) questions[0].Answer.OnNext((yes, null));
    }

    /// <summary>Yes, to one of the choices; one that there is not cannot be chosen.</summary>
    public void Choose(int which)
    {
        if (questions.Count > 0 && which < questions[0].Ask.Choices.Length) questions[0].Answer.OnNext((true, questions[0].Ask.Choices[which]));
    }

    /// <summary>For the row "screen": a question that is shown is called off.</summary>
    public void Close(QuestionId question)
    {
        if (questions.FirstOrDefault(q => q.Ask.Question == question) is { Ask: { } ask }) note("closed", ask);
    }

    /// <summary>Does one effect: see <see cref="Lanes.LaneRunner.RunInLanes"/>.</summary>
    public IObservable<ExchangeEvent> Execute(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        note("begun", effect);
        var cancelled = Observable.Create<Unit>(observer => cancel.Register(() => observer.OnNext(Unit.Default)));
        if (effect is ExchangeCommand.Ask && unaskable) return Observable.Empty<ExchangeEvent>();
        if (effect is ExchangeCommand.Ask ask) return Ask(ask).TakeUntil(cancelled);
        var index = special.FindIndex(s => s.Which(effect));
        var (_, outcome, takes) = index >= 0 ? special[index] : (_ => true, Success, frame);
        if (index >= 0) special.RemoveAt(index);
        if (takes == TimeSpan.MaxValue) return Observable.Never<ExchangeEvent>();
        if (effect is ExchangeCommand.Record or ExchangeCommand.WriteStatus or ExchangeCommand.Notify or ExchangeCommand.DropDeadDisk) return Observable.Empty<ExchangeEvent>();
        return Observable.Defer(() =>
        {
            busy++;
            return Observable.Timer(takes ?? frame, time)
                .Select(_ => outcome(effect))
                .OfType<ExchangeEvent>()
                .TakeUntil(cancelled)
                .Finally(() => busy--);
        });
    }

    private IObservable<ExchangeEvent> Ask(ExchangeCommand.Ask ask) => Observable.Create<ExchangeEvent>(observer =>
    {
        var entry = (ask, Answer: new Subject<(bool Yes, VmName? Chosen)>());
        questions.Add(entry);
        observer.OnNext(new ExchangeEvent.QuestionShown(ask.Question, Written));
        var answer = entry.Answer.Take(1).Select(a => (ExchangeEvent)new ExchangeEvent.Answered(ask.Question, a.Yes, a.Chosen)).Subscribe(observer);
        return () =>
        {
            questions.Remove(entry);
            answer.Dispose();
        };
    });

    private ExchangeEvent? Success(ExchangeCommand.Effect effect) => effect switch
    {
        ExchangeCommand.Make e => new ExchangeEvent.Made(e.Id),
        ExchangeCommand.Attach e => new ExchangeEvent.Attached(e.Id),
        ExchangeCommand.Detach e => new ExchangeEvent.Detached(e.Id),
        ExchangeCommand.Announce e => new ExchangeEvent.Announced(e.Id),
        ExchangeCommand.Delete e => new ExchangeEvent.Deleted(e.Id),
        _ => Disposables?.Success(effect),
    };
}
