using System.Reactive.Concurrency;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Marbles;

namespace Qfx.Tests.Marbles;

/// <summary>Tests of rules, drawn as marbles. The kit is Qfx.Streams/Marbles; here is what asserts, on the published TestScheduler.</summary>
internal static class Marble
{
    /// <summary>A frame lasts so long.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(10);

    /// <summary>What is still to come after the rows have ended is unexpected: so many things that are scheduled are waited for, whenever they are due.</summary>
    private const int Afterwards = 100_000;

    /// <summary>Plays a hot row into a rule and compares what comes out.</summary>
    /// <param name="source">A hot row.</param>
    /// <param name="rule">What is tested.</param>
    /// <param name="expected">A row; one of <c>-</c> where nothing is expected.</param>
    /// <param name="into">What the letters of the source stand for.</param>
    /// <param name="outOf">What the letters of the expected row stand for.</param>
    /// <param name="subscription">When the test listens; null for from frame 0 on.</param>
    public static void Check<TIn, TOut>(
        string source,
        Func<IObservable<TIn>, IScheduler, IObservable<TOut>> rule,
        string expected,
        MarbleValues<TIn> into,
        MarbleValues<TOut> outOf,
        string? subscription = null) => CheckText<TIn, TOut>(
            $"""
            source : {source}
            {(subscription is null ? "" : $"listen : {subscription}")}
            result > {expected}
            """,
            (rows, time) => [("result", rule(rows("source", into), time), outOf)]);

    /// <summary>The same with letters that stand for themselves.</summary>
    public static void Check(string source, Func<IObservable<char>, IScheduler, IObservable<char>> rule, string expected, string? subscription = null) =>
        Check(source, rule, expected, MarbleLetters.Chars(), MarbleLetters.Chars(), subscription);

    /// <summary>Plays a text of several rows: <c>name : hot row</c>, <c>name > expected row</c>, and <c>listen : subscription row</c>.</summary>
    /// <param name="text">The rows.</param>
    /// <param name="rule">From the rows, by name, and the time: what comes out, by name.</param>
    public static void CheckText<TIn, TOut>(
        string text, Func<Func<string, MarbleValues<TIn>, IObservable<TIn>>, IScheduler, (string Name, IObservable<TOut> Result, MarbleValues<TOut> Values)[]> rule)
    {
        var rows = MarbleText.Parse(text).Rows;
        MarbleRow Read(string name, bool isIn, MarbleKind kind) =>
            (rows.FirstOrDefault(r => r.Name == name && r.In == isIn) ?? throw new MarbleException($"there is no row '{name}'", text, 0))
            .Read(new() { Frame = Frame, Kind = kind });

        var time = new Time();
        var runner = new MarbleRunner(time, Frame);
        var listen = rows.Any(r => r is { Name: "listen", In: true }) ? Read("listen", true, MarbleKind.Subscription) : null;
        var asked = new HashSet<string>();
        IObservable<TIn> Ask(string name, MarbleValues<TIn> values)
        {
            asked.Add(name);
            return runner.Hot(Read(name, true, MarbleKind.Hot), values);
        }

        var recorded = rule(Ask, time)
            .Select(result => (result.Name, Record: runner.Record(result.Result, result.Values, listen), Expected: Read(result.Name, false, MarbleKind.Cold), result.Values))
            .ToArray();
        var last = rows.Max(r => Read(r.Name, r.In, !r.In ? MarbleKind.Cold : r.Name == "listen" ? MarbleKind.Subscription : MarbleKind.Hot).End);
        runner.Run(last, span => time.AdvanceBy(span.Ticks));
        for (var more = 0; more < Afterwards && time.Next is { } due; more++) time.AdvanceTo(Math.Max(due, time.Clock));

        Assert.Equal([], rows.Where(r => r.In && r.Name != "listen" && !asked.Contains(r.Name)).Select(r => $"the rule does not hear '{r.Name}'"));
        Assert.Equal([], rows.Where(r => !r.In && recorded.All(result => result.Name != r.Name)).Select(r => $"the rule has no result '{r.Name}'"));
        Assert.True(recorded.Length > 0, "A test that expects nothing says so with a row of '-'.");
        foreach (var (name, record, expected, values) in recorded)
        {
            Assert.True(expected.End > 0, "A test that expects nothing says so with a row of '-'.");
            var drawing = MarbleDrawing.Difference(name, expected, record.Row, Frame, values.Meaning);
            Assert.True(drawing is null, $"{drawing}{record.Error}");
        }
    }

    /// <summary>The published TestScheduler, and when the next thing is due; null when there is none.</summary>
    private sealed class Time : TestScheduler
    {
        public long? Next => GetNext()?.DueTime;
    }
}
