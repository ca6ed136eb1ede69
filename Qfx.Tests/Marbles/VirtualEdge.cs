using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Exchange;

namespace Qfx.Tests.Marbles;

/// <summary>The edge in virtual time: each effect takes one frame and succeeds, unless the test says otherwise.</summary>
internal sealed class VirtualEdge(IScheduler time, Action<string, ExchangeCommand.Effect> note)
{
    private readonly List<(ExchangeCommand.Ask Ask, Subject<bool> Answer)> questions = [];
    private readonly List<(Func<ExchangeCommand.Effect, bool> Which, Func<ExchangeCommand.Effect, ExchangeEvent?> Outcome, TimeSpan? Takes)> special = [];
    private bool unaskable;

    /// <summary>The next effect of this kind fails.</summary>
    public void Fail<T>(Func<T, bool> which, Func<T, ExchangeEvent> outcome)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), e => outcome((T)e), null));

    /// <summary>The next effect of this kind never ends, not even when it is called off.</summary>
    public void Hang<T>(Func<T, bool> which)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), _ => null, TimeSpan.MaxValue));

    /// <summary>The next effect of this kind succeeds, but takes so many frames.</summary>
    public void Slow<T>(Func<T, bool> which, int frames)
        where T : ExchangeCommand.Effect => special.Add((e => e is T t && which(t), Success, MarbleRow.Frame * frames));

    /// <summary>No question can be put.</summary>
    public void Unaskable() => unaskable = true;

    public void Answer(bool yes)
    {
        if (questions.Count > 0) questions[0].Answer.OnNext(yes);
    }

    /// <summary>For the row "screen": a question that is shown is called off.</summary>
    public void Close(QuestionId question)
    {
        if (questions.FirstOrDefault(q => q.Ask.Question == question) is { Ask: { } ask }) note("closed", ask);
    }

    public IObservable<ExchangeEvent> Execute(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        note("begun", effect);
        var cancelled = Observable.Create<Unit>(observer => cancel.Register(() => observer.OnNext(Unit.Default)));
        if (effect is ExchangeCommand.Ask && unaskable) return Observable.Empty<ExchangeEvent>();
        if (effect is ExchangeCommand.Ask ask) return Ask(ask).TakeUntil(cancelled);
        var index = special.FindIndex(s => s.Which(effect));
        var (_, outcome, takes) = index >= 0 ? special[index] : (_ => true, Success, MarbleRow.Frame);
        if (index >= 0) special.RemoveAt(index);
        if (takes == TimeSpan.MaxValue) return Observable.Never<ExchangeEvent>();
        if (effect is ExchangeCommand.Record or ExchangeCommand.WriteStatus) return Observable.Empty<ExchangeEvent>();
        return Observable.Timer(takes ?? MarbleRow.Frame, time)
            .Select(_ => outcome(effect))
            .OfType<ExchangeEvent>()
            .TakeUntil(cancelled);
    }

    private IObservable<ExchangeEvent> Ask(ExchangeCommand.Ask ask) => Observable.Create<ExchangeEvent>(observer =>
    {
        var entry = (ask, Answer: new Subject<bool>());
        questions.Add(entry);
        observer.OnNext(new ExchangeEvent.QuestionShown(ask.Question));
        var answer = entry.Answer.Take(1).Select(yes => (ExchangeEvent)new ExchangeEvent.Answered(ask.Question, yes)).Subscribe(observer);
        return () =>
        {
            questions.Remove(entry);
            answer.Dispose();
        };
    });

    private static ExchangeEvent? Success(ExchangeCommand.Effect effect) => effect switch
    {
        ExchangeCommand.Make e => new ExchangeEvent.Made(e.Id),
        ExchangeCommand.Attach e => new ExchangeEvent.Attached(e.Id),
        ExchangeCommand.Detach e => new ExchangeEvent.Detached(e.Id),
        ExchangeCommand.Announce e => new ExchangeEvent.Announced(e.Id),
        ExchangeCommand.Delete e => new ExchangeEvent.Deleted(e.Id),
        _ => null,
    };
}
