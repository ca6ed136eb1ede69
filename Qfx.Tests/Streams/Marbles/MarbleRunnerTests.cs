using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Marbles;
using Qfx.Tests.Marbles;
using Xunit.Sdk;

namespace Qfx.Tests.Streams.Marbles;

/// <summary>Rows played in virtual time: on the kit's own clock, and on the published TestScheduler.</summary>
public class MarbleRunnerTests
{
    public static TheoryData<string> Clocks => ["VirtualClock", "TestScheduler"];

    [Theory]
    [MemberData(nameof(Clocks))]
    public void A_hot_row_happens_whether_anybody_listens_or_not(string clock) =>
        Play(clock, "-a-b-c-d-|", hot: true, "---^---!", source => source, "---b-c");

    [Theory]
    [MemberData(nameof(Clocks))]
    public void What_is_before_the_subscription_point_nobody_sees(string clock) =>
        Play(clock, "-a-^b-c-|", hot: true, null, source => source, "-b-c-|");

    [Theory]
    [MemberData(nameof(Clocks))]
    public void A_cold_row_begins_with_each_subscriber(string clock) =>
        Play(clock, "a-b|", hot: false, "--^", source => source.Concat(source), "--a-ba-b|");

    [Theory]
    [MemberData(nameof(Clocks))]
    public void An_error_comes_through(string clock) =>
        Play(clock, "-a-#", hot: true, null, source => source, "-a-#");

    [Theory]
    [MemberData(nameof(Clocks))]
    public void Operators_that_know_time_have_that_of_the_rows(string clock) =>
        Play(clock, "a-bc 100ms d-|", hot: true, null, source => source, "-----c 100ms (d|)",
            (source, time) => source.Throttle(TimeSpan.FromMilliseconds(2), time));

    [Theory]
    [MemberData(nameof(Clocks))]
    public void Who_has_subscribed_to_a_cold_row_and_for_how_long_is_written_down(string clock)
    {
        var (time, advance) = Clock(clock);
        var runner = new MarbleRunner(time, TimeSpan.FromMilliseconds(1));
        var cold = runner.Cold(MarbleParser.Parse("-a-b-|"), MarbleLetters.Chars());
        runner.Record(cold, MarbleLetters.Chars(), MarbleParser.Parse("--^-!", new() { Kind = MarbleKind.Subscription }));
        runner.Record(cold, MarbleLetters.Chars());
        runner.Run(20, advance);

        Assert.Equal(["^----!", "--^-!"], cold.Subscriptions.Select(row => row.ToString()));
    }

    [Fact]
    public void A_test_fails_with_a_drawing() => Assert.Contains(
        """
          expected --a---
          actual   ---a--
                     ^
        """,
        Fails(() => Marble.Check("---a--", (source, _) => source, "--a---")).ReplaceLineEndings("\n"),
        StringComparison.Ordinal);

    [Fact]
    public void What_comes_after_the_last_that_is_expected_fails() =>
        Assert.Contains("expected nothing, got b", Fails(() => Marble.Check("-a----b", (source, _) => source, "-a-----")), StringComparison.Ordinal);

    [Fact]
    public void A_test_that_expects_nothing_has_to_say_so()
    {
        Marble.Check("-a-", (source, _) => source.Where(_ => false), "---");
        Assert.Contains("says so with a row of '-'", Fails(() => Marble.Check("-a-", (source, _) => source.Where(_ => false), "")), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_rows_have_names_and_any_order() => Marble.CheckText<char, char>(
        """
        left   : -a--b---
        right  : -x---y--
        both   > -{xa}--
        both   > ----by--
        """,
        (row, _) => [("both", row("left", MarbleLetters.Chars()).Merge(row("right", MarbleLetters.Chars())), MarbleLetters.Chars())]);

    [Fact]
    public void A_row_that_nothing_is_compared_with_fails()
    {
        Assert.Contains("the rule does not hear 'other'", Fails(() => Marble.CheckText<char, char>(
            """
            some   : -a
            other  : -b
            result > -a
            """,
            (row, _) => [("result", row("some", MarbleLetters.Chars()), MarbleLetters.Chars())])), StringComparison.Ordinal);
        Assert.Contains("the rule has no result 'result'", Fails(() => Marble.CheckText<char, char>(
            """
            some   : -a
            some   > -a
            result > -x
            """,
            (row, _) => [("some", row("some", MarbleLetters.Chars()), MarbleLetters.Chars())])), StringComparison.Ordinal);
    }

    private static string Fails(Action test) => Assert.ThrowsAny<XunitException>(test).Message;

    private static void Play(
        string clock, string source, bool hot, string? listen, Func<IObservable<char>, IObservable<char>> rule, string expected,
        Func<IObservable<char>, IScheduler, IObservable<char>>? timed = null)
    {
        var (time, advance) = Clock(clock);
        var runner = new MarbleRunner(time, TimeSpan.FromMilliseconds(1));
        var row = MarbleParser.Parse(source, new() { Kind = hot ? MarbleKind.Hot : MarbleKind.Cold });
        var played = hot ? runner.Hot(row, MarbleLetters.Chars()) : runner.Cold(row, MarbleLetters.Chars());
        var record = runner.Record(
            timed is null ? rule(played) : timed(played, time), MarbleLetters.Chars(),
            listen is null ? null : MarbleParser.Parse(listen, new() { Kind = MarbleKind.Subscription }));
        runner.Run(1000, advance);

        Assert.Equal(MarbleParser.Parse(expected).Beats, record.Row.Beats);
    }

    private static (IScheduler Time, Action<TimeSpan> Advance) Clock(string name)
    {
        if (name == "VirtualClock")
        {
            var clock = new VirtualClock();
            return (clock, clock.AdvanceBy);
        }

        var scheduler = new TestScheduler();
        return (scheduler, span => scheduler.AdvanceBy(span.Ticks));
    }
}
