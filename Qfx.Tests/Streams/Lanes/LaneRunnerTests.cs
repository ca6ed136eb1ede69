using System.Reactive.Linq;
using System.Reactive.Subjects;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Lanes;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Lanes;

public sealed class LaneRunnerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestScheduler time = new();
    private readonly Subject<ExchangeCommand> commands = new();
    private readonly List<ExchangeCommand.Effect> begun = [];
    private readonly Dictionary<ExchangeCommand.Effect, (Subject<ExchangeEvent> Run, CancellationToken Cancel)> running = [];
    private readonly List<ExchangeEvent> outcomes = [];
    private readonly IDisposable subscription;
    private Exception? error;

    public LaneRunnerTests() => subscription = commands.RunInLanes(Execute, time).Subscribe(outcomes.Add, e => error = e);

    public void Dispose()
    {
        subscription.Dispose();
        commands.Dispose();
    }

    [Fact]
    public void Commands_of_one_lane_run_one_after_the_other_and_lanes_side_by_side()
    {
        var (first, second, other) = (Attach(1, 5), Attach(2, 5), Attach(3, 6));
        Give(first, second, other);
        Assert.Equal([first, other], begun);

        End(first, new ExchangeEvent.Attached(first.Id));

        Assert.Equal([first, other, second], begun);
        Assert.Equal([new ExchangeEvent.Attached(first.Id)], outcomes);
    }

    [Fact]
    public void An_effect_that_takes_too_long_is_told_to_end_and_fails_when_it_has()
    {
        var (first, second) = (Attach(1, 5), Attach(2, 5));
        Give(first, second);

        Pass(Limit);
        Assert.True(running[first].Cancel.IsCancellationRequested);
        Assert.Equal([first], begun);    // it may still be at work
        running[first].Run.OnCompleted();

        Assert.Equal([new ExchangeEvent.AttachFailed(first.Id, Failure.TimedOut, true)], outcomes);
        Assert.Equal([first, second], begun);
    }

    [Fact]
    public void An_effect_that_does_not_end_even_then_is_left_behind_after_the_grace()
    {
        var (first, second) = (Attach(1, 5), Attach(2, 5));
        Give(first, second);

        Pass(Limit + TimeSpan.FromSeconds(5));

        Assert.Equal([new ExchangeEvent.AttachFailed(first.Id, Failure.TimedOut, true)], outcomes);
        Assert.Equal([first, second], begun);
        running[first].Run.OnNext(new ExchangeEvent.Attached(first.Id));
        Assert.Single(outcomes);
    }

    [Fact]
    public void An_outcome_that_comes_although_it_was_called_off_counts()
    {
        var attach = Attach(1, 5);
        Give(attach, new ExchangeCommand.CallOffAttach(attach.Id, attach.At));
        Assert.True(running[attach].Cancel.IsCancellationRequested);

        End(attach, new ExchangeEvent.Attached(attach.Id));

        Assert.Equal([new ExchangeEvent.Attached(attach.Id)], outcomes);
    }

    [Fact]
    public void What_waits_and_is_called_off_is_never_begun()
    {
        var (first, second) = (Ask(1), Ask(2));
        Give(first, second, new ExchangeCommand.CallOffQuestion(second.Question));
        End(first, new ExchangeEvent.Answered(first.Question, false));

        Assert.Equal([first], begun);
        Assert.Equal([new ExchangeEvent.AskFailed(second.Question, Failure.Interrupted), new ExchangeEvent.Answered(first.Question, false)], outcomes);
    }

    [Fact]
    public void Of_the_statuses_of_a_domain_only_the_newest_waits()
    {
        var statuses = Enumerable.Range(1, 1000)
            .Select(n => new ExchangeCommand.WriteStatus(new(new(5), "u"), new(n, StatusCode.Busy, ""), Limit)).ToArray();
        Give(statuses);
        running[statuses[0]].Run.OnCompleted();

        Assert.Equal([statuses[0], statuses[^1]], begun);
        Assert.Empty(outcomes);    // nobody waits for that of a status
    }

    [Fact]
    public void An_effect_that_ends_without_a_word_has_failed()
    {
        var attach = Attach(1, 5);
        Give(attach);
        running[attach].Run.OnCompleted();

        var failed = Assert.IsType<ExchangeEvent.AttachFailed>(Assert.Single(outcomes));
        Assert.Equal("it ended without an outcome", failed.Failure.Reason);
    }

    [Fact]
    public void An_exception_of_an_effect_is_a_fault_of_the_program_and_ends_it_all()
    {
        var attach = Attach(1, 5);
        Give(attach);
        running[attach].Run.OnError(new InvalidOperationException("a bug"));

        Assert.Equal("a bug", error?.Message);
    }

    [Fact]
    public void Who_leaves_cancels_what_runs_and_begins_nothing_more()
    {
        var (first, second) = (Attach(1, 5), Attach(2, 5));
        Give(first, second);

        subscription.Dispose();

        Assert.True(running[first].Cancel.IsCancellationRequested);
        Assert.Equal([first], begun);
        Assert.Empty(outcomes);
    }

    [Fact]
    public void What_is_called_off_twice_gets_no_more_time_for_it()
    {
        var attach = Attach(1, 5);
        var off = new ExchangeCommand.CallOffAttach(attach.Id, attach.At);
        Give(attach, off);
        Pass(TimeSpan.FromSeconds(3));
        Give(off);

        Pass(TimeSpan.FromSeconds(2));

        Assert.Equal([new ExchangeEvent.AttachFailed(attach.Id, Failure.Interrupted, true)], outcomes);
    }

    [Fact]
    public void An_effect_that_has_ended_leaves_nothing_behind()
    {
        var attach = Attach(1, 5);
        Give(attach);
        End(attach, new ExchangeEvent.Attached(attach.Id));

        time.Start();

        Assert.Equal(0, time.Clock);    // no timer was left to wait for
        Assert.Throws<ObjectDisposedException>(() => running[attach].Cancel.WaitHandle);
    }

    [Fact]
    public void An_effect_that_is_left_behind_is_no_longer_listened_to()
    {
        var attach = Attach(1, 5);
        Give(attach);

        Pass(Limit + TimeSpan.FromSeconds(5));

        Assert.False(running[attach].Run.HasObservers);
    }

    [Fact]
    public void What_was_on_its_way_when_an_effect_was_left_behind_counts_for_nothing()
    {
        var work = new Deaf<ExchangeEvent>();
        var seen = new List<ExchangeEvent>();
        var attach = Attach(1, 5);
        using var _ = commands.RunInLanes((_, _) => work, time).Subscribe(seen.Add);
        Give(attach);
        Pass(Limit + TimeSpan.FromSeconds(5));

        work.Observer!.OnNext(new ExchangeEvent.Attached(attach.Id));
        work.Observer.OnCompleted();

        Assert.Equal([new ExchangeEvent.AttachFailed(attach.Id, Failure.TimedOut, true)], seen);
    }

    [Fact]
    public void What_was_on_its_way_when_somebody_left_counts_for_nothing()
    {
        var source = new Deaf<ExchangeCommand>();
        var work = new Deaf<ExchangeEvent>();
        var seen = new List<ExchangeEvent>();
        var runs = 0;
        var running = source.RunInLanes((_, _) =>
        {
            runs++;
            return work;
        }, time).Subscribe(new Listener(seen));
        source.Observer!.OnNext(Attach(1, 5));

        running.Dispose();
        work.Observer!.OnNext(new ExchangeEvent.Attached(new(1)));
        source.Observer.OnNext(Attach(2, 6));

        Assert.Equal(1, runs);
        Assert.Empty(seen);
    }

    private static ExchangeCommand.Attach Attach(long id, int domid) =>
        new(new(id), new Slot(new DomainIdentity(new Domid(domid), "u"), Vdev.Xvdg), Limit);

    private static ExchangeCommand.Ask Ask(long id) => new(new(id), VmName.Parse("a"), VmName.Parse("b"), false);

    private IObservable<ExchangeEvent> Execute(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        begun.Add(effect);
        running[effect] = (new(), cancel);
        return running[effect].Run;
    }

    private void Give(params ExchangeCommand[] given)
    {
        foreach (var command in given) commands.OnNext(command);
    }

    private void End(ExchangeCommand.Effect effect, ExchangeEvent outcome)
    {
        running[effect].Run.OnNext(outcome);
        running[effect].Run.OnCompleted();
    }

    private void Pass(TimeSpan span) => time.AdvanceBy(span.Ticks);

    /// <summary>Goes on although nobody listens any more: another thread may be in the middle of it.</summary>
    private sealed class Deaf<T> : IObservable<T>
    {
        public IObserver<T>? Observer { get; private set; }

        public IDisposable Subscribe(IObserver<T> observer)
        {
            Observer = observer;
            return System.Reactive.Disposables.Disposable.Empty;
        }
    }

    private sealed class Listener(List<ExchangeEvent> seen) : IObserver<ExchangeEvent>
    {
        public void OnNext(ExchangeEvent value) => seen.Add(value);

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
