using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Lanes;
using Qfx.Streams.Marbles;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Lanes;

public class ConflationTests
{
    [Fact]
    public void What_comes_while_a_run_is_on_is_taken_together_for_one_more() =>
        Check("abcd------", "---a--x---");

    [Fact]
    public void What_comes_after_a_run_has_its_own() => Check("a----b----", "---a----b-");

    [Fact]
    public void A_thousand_values_wait_as_one()
    {
        var runs = 0;
        using var source = new Subject<int>();
        using var gate = new Subject<Unit>();
        using var _ = source.Conflate((a, b) => a + b, value =>
        {
            runs++;
            return gate.Take(1).Select(_ => value);
        }).Subscribe();

        for (var i = 0; i < 1000; i++) source.OnNext(1);
        gate.OnNext(Unit.Default);
        gate.OnNext(Unit.Default);

        Assert.Equal(2, runs);
    }

    [Fact]
    public void One_value_that_waits_is_taken_as_it_is()
    {
        var runs = new List<string>();
        using var source = new Subject<string>();
        using var gate = new Subject<Unit>();
        using var _ = source.Conflate((a, b) => $"{a}+{b}", value =>
        {
            runs.Add(value);
            return gate.Take(1);
        }).Subscribe();

        source.OnNext("a");
        source.OnNext("b");
        gate.OnNext(Unit.Default);

        Assert.Equal(["a", "b"], runs);
    }

    [Fact]
    public void It_completes_with_a_source_that_completes_while_nothing_runs()
    {
        var completed = false;
        using var _ = Observable.Empty<int>().Conflate((_, b) => b, Observable.Return).Subscribe(_ => { }, () => completed = true);
        Assert.True(completed);
    }

    [Fact]
    public void It_completes_when_the_source_has_and_the_last_run_is_over()
    {
        using var source = new Subject<int>();
        using var run = new Subject<int>();
        var completed = false;
        using var _ = source.Conflate((_, b) => b, _ => run).Subscribe(_ => { }, () => completed = true);

        source.OnNext(1);
        source.OnCompleted();
        Assert.False(completed);
        run.OnCompleted();
        Assert.True(completed);
    }

    [Fact]
    public void An_error_of_the_source_or_of_a_run_ends_it()
    {
        Exception? seen = null;
        using var _ = Observable.Return(1).Conflate((_, b) => b, _ => Observable.Throw<int>(new InvalidOperationException("run"))).Subscribe(_ => { }, e => seen = e);
        Assert.Equal("run", seen?.Message);
        using var __ = Observable.Throw<int>(new InvalidOperationException("source")).Conflate((_, b) => b, Observable.Return).Subscribe(_ => { }, e => seen = e);
        Assert.Equal("source", seen?.Message);
    }

    [Fact]
    public void Who_leaves_ends_the_run_that_is_on()
    {
        using var source = new Subject<int>();
        using var run = new Subject<int>();
        var subscription = source.Conflate((_, b) => b, _ => run).Subscribe();
        source.OnNext(1);
        Assert.True(run.HasObservers);

        subscription.Dispose();

        Assert.False(run.HasObservers);
        Assert.False(source.HasObservers);
    }

    /// <summary>Each run takes three frames.</summary>
    private static void Check(string source, string expected) => Marble.Check<char, string>(
        source,
        (letters, time) => letters.Select(letter => letter.ToString()).Conflate(
            (older, newer) => older + newer, text => Observable.Timer(Marble.Frame * 3, time).Select(_ => text)),
        expected,
        MarbleLetters.Chars(),
        MarbleValues.Of(('a', "a"), ('b', "b"), ('x', "bcd")));
}
