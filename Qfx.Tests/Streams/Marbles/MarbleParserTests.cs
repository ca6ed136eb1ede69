using CsCheck;
using Qfx.Streams.Marbles;

namespace Qfx.Tests.Streams.Marbles;

/// <summary>The grammar of RxJS's <c>run</c> mode, and what this kit adds.</summary>
public class MarbleParserTests
{
    private static readonly MarbleSyntax Hot = new() { Kind = MarbleKind.Hot };
    private static readonly MarbleSyntax Subscription = new() { Kind = MarbleKind.Subscription };

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("---", "", 3)]
    [InlineData("-a-b", "a@1 b@3", 4)]
    [InlineData(" - a  -b ", "a@1 b@3", 4)]
    [InlineData("a-|", "a@0 |@2", 3)]
    [InlineData("a-#", "a@0 #@2", 3)]
    [InlineData("-(ab|)-", "ab|@1", 7)]
    [InlineData("(ab)c", "ab@0 c@4", 5)]
    [InlineData("-(a)", "a@1", 4)]
    [InlineData("-{ba}-", "{ab}@1", 6)]
    [InlineData("a 3ms b", "a@0 b@4", 5)]
    [InlineData("3ms a", "a@3", 4)]
    [InlineData("a 1.5s b", "a@0 b@1501", 1502)]
    [InlineData("a 2.5m b", "a@0 b@150001", 150002)]
    [InlineData("a 1h", "a@0", 3600001)]
    [InlineData("a 5s- b", "a@0 5@1 s@2 b@4", 5)]
    [InlineData("a5s b", "a@0 5@1 s@2 b@3", 4)]
    public void A_row_is_read(string text, string beats, long end)
    {
        var row = MarbleParser.Parse(text);

        Assert.Equal(beats, Shown(row));
        Assert.Equal((0, end), (row.First, row.End));
    }

    [Theory]
    [InlineData("--a^-b--|", "a@-1 ^@0 b@2 |@5", -3, 6)]
    [InlineData("^a", "^@0 a@1", 0, 2)]
    [InlineData("-(^a)", "^a@0", -1, 4)]
    [InlineData("-a-", "a@1", 0, 3)]
    public void In_a_hot_row_frames_are_counted_from_the_subscription_point(string text, string beats, long first, long end)
    {
        var row = MarbleParser.Parse(text, Hot);

        Assert.Equal(beats, Shown(row));
        Assert.Equal((first, end), (row.First, row.End));
    }

    [Theory]
    [InlineData("--^--!-", "^@2 !@5")]
    [InlineData("-(^!)", "^!@1")]
    [InlineData("^ 2s !", "^@0 !@2001")]
    public void A_subscription_row_has_a_beginning_and_an_end(string text, string beats) =>
        Assert.Equal(beats, Shown(MarbleParser.Parse(text, Subscription)));

    [Theory]
    [InlineData("a-(b(c))", MarbleKind.Cold, 4, "a group cannot be inside a group")]
    [InlineData("a-(b{c})", MarbleKind.Cold, 4, "a group cannot be inside a group")]
    [InlineData("a-(bc", MarbleKind.Cold, 2, "the group that opens here has no ')'")]
    [InlineData("a-{bc)", MarbleKind.Cold, 5, "no group is open here")]
    [InlineData("a-b)", MarbleKind.Cold, 3, "no group is open here")]
    [InlineData("a-()", MarbleKind.Cold, 3, "a group has something in it")]
    [InlineData("(a-b)", MarbleKind.Cold, 2, "a group is one moment: no time goes by in it")]
    [InlineData("-a-^-", MarbleKind.Cold, 3, "'^' belongs in a hot row or a subscription row")]
    [InlineData("-^-^-", MarbleKind.Hot, 3, "there is a '^' already")]
    [InlineData("-^-^-", MarbleKind.Subscription, 3, "there is a '^' already")]
    [InlineData("-^-!!", MarbleKind.Subscription, 4, "there is a '!' already")]
    [InlineData("-a-!-", MarbleKind.Hot, 3, "'!' belongs in a subscription row")]
    [InlineData("-^-a-", MarbleKind.Subscription, 3, "a subscription has only a '^' and a '!'")]
    [InlineData("-!-^-", MarbleKind.Subscription, 1, "a subscription begins before it ends")]
    [InlineData("-a|-b", MarbleKind.Cold, 4, "nothing comes after the end")]
    [InlineData("-a(#b)", MarbleKind.Cold, 4, "nothing comes after the end")]
    [InlineData("-a-%-", MarbleKind.Cold, 3, "'%' means nothing in a row")]
    [InlineData("a 0.5ms b", MarbleKind.Cold, 2, "a frame lasts 1ms, and this is no whole number of them")]
    [InlineData("a 80000h 80000h b", MarbleKind.Cold, 9, "no story lasts that long")]
    [InlineData("a 87841h b", MarbleKind.Cold, 2, "no story lasts that long")]
    [InlineData("-{a#}", MarbleKind.Cold, 3, "'#' has its place in the order: '(…)' instead of '{…}'")]
    [InlineData("-{a|}", MarbleKind.Cold, 3, "'|' has its place in the order: '(…)' instead of '{…}'")]
    [InlineData("-{^a}", MarbleKind.Hot, 2, "'^' has its place in the order: '(…)' instead of '{…}'")]
    [InlineData("-{^!}", MarbleKind.Subscription, 2, "'^' has its place in the order: '(…)' instead of '{…}'")]
    [InlineData("-a\t-", MarbleKind.Cold, 2, "a tab means nothing in a row: blanks do not count, tabs might be read otherwise")]
    public void What_is_no_row_is_pointed_at(string text, MarbleKind kind, int column, string problem)
    {
        var error = Assert.Throws<MarbleException>(() => MarbleParser.Parse(text, new() { Kind = kind }));

        Assert.Equal((problem, column), (error.Problem, error.Column));
        Assert.Equal($"{problem}\n{text}\n{new string(' ', column)}^", error.Message);
    }

    [Fact]
    public void A_frame_is_as_long_as_it_is_said_to_be() =>
        Assert.Equal("a@0 b@101", Shown(MarbleParser.Parse("a 1s b", new() { Frame = TimeSpan.FromMilliseconds(10) })));

    [Fact]
    public void A_row_of_several_lines_is_one_with_all_that_is_in_them() =>
        Assert.Equal("ab@0 c@1 d@6", Shown(MarbleParser.Parse(["(ab)--d", "-c-"])));

    [Theory]
    [InlineData("-a|", "----b", 4)]
    [InlineData("-a|", "--b", 2)]
    [InlineData("-a|", "--|", 2)]
    [InlineData("-#", "(bc)-(de)", 6)]
    public void The_end_in_one_line_is_the_end_of_all(string first, string second, int column)
    {
        var error = Assert.Throws<MarbleException>(() => MarbleParser.Parse([first, second]));

        Assert.Equal(("nothing comes after the end", second, column), (error.Problem, error.Text, error.Column));
        Assert.Equal("ab|@1", Shown(MarbleParser.Parse(["-a", "-(b|)"])));
    }

    [Fact]
    public void A_row_that_is_written_and_read_is_the_same_row() => Rows.Sample(
        (row, syntax) => MarbleParser.Parse(MarblePrinter.Print(row, syntax), syntax).Equals(row),
        iter: 5_000,
        print: row => $"{Shown(row.Item1)} [{row.Item1.First}, {row.Item1.End}) {row.Item2.Kind} {row.Item2.Frame}\n{string.Join('\n', MarblePrinter.Print(row.Item1, row.Item2))}");

    [Fact]
    public void Whatever_is_read_is_written_so_that_it_is_read_as_the_same_again() => Gen.Select(
        Gen.Char["abms5-- (){}|#^!"].Array[0, 24].Select(letters => new string(letters)), Gen.Enum<MarbleKind>()).Sample(
        (text, kind) =>
        {
            var syntax = new MarbleSyntax { Kind = kind };
            MarbleRow row;
            try
            {
                row = MarbleParser.Parse(text, syntax);
            }
            catch (MarbleException)
            {
                return true;
            }

            return MarbleParser.Parse(MarblePrinter.Print(row, syntax), syntax).Equals(row);
        },
        iter: 20_000);

    [Theory]
    [InlineData("- - a {cb}-(d)", "--a{bc}-d--")]
    [InlineData("a 100ms b", "a 100ms b")]
    [InlineData("a 0.05s b", "a--------------------------------------------------b")]
    [InlineData("a 120000ms b 1h", "a 2m b 1h ")]
    public void A_row_that_is_read_is_written_in_one_way(string text, string again) =>
        Assert.Equal([again], MarblePrinter.Print(MarbleParser.Parse(text)));

    [Theory]
    [InlineData("5m", "5 m")]
    [InlineData("12s", "12 s")]
    [InlineData("3h", "3 h")]
    [InlineData("5ms", "5 ms")]
    [InlineData("a5m", "a5m")]
    [InlineData("m5", "m5")]
    [InlineData("m", "m")]
    [InlineData("55x", "55x")]
    public void Values_that_would_be_read_as_time_are_kept_apart_and_no_others(string values, string text)
    {
        var row = MarbleRow.Of(values.Select((value, frame) => ((long)frame, value)));

        Assert.Equal([text], MarblePrinter.Print(row));
        Assert.Equal(row, MarbleParser.Parse(text));
    }

    [Fact]
    public void Rows_are_the_same_when_everything_in_them_is()
    {
        var row = MarbleParser.Parse("a-b|");
        Assert.True(row.Equals((object)MarbleParser.Parse("a-b|")));
        Assert.False(row.Equals((object)"a-b|"));
        Assert.False(row.Equals(null));
        foreach (var other in (string[])["a-c|", "a-b", "a-b-|", "ab--|", "a-b#"]) Assert.False(row.Equals(MarbleParser.Parse(other)), other);
        Assert.False(MarbleParser.Parse("--^a", new() { Kind = MarbleKind.Hot }).Equals(MarbleParser.Parse("-^a", new() { Kind = MarbleKind.Hot })));
    }

    [Fact]
    public void What_comes_while_a_group_is_written_has_a_line_of_its_own() =>
        Assert.Equal(["-(abc)-e", "--d"], MarblePrinter.Print(MarbleRow.Of([(1, 'a'), (1, 'b'), (1, 'c'), (2, 'd'), (7, 'e')])));

    /// <summary>Values that look like time are among them, and groups that hide what comes while they are written.</summary>
    private static Gen<(MarbleRow, MarbleSyntax)> Rows
    {
        get
        {
            var frames = Gen.OneOf(Gen.Long[0, 12], Gen.Long[0, 200], Gen.Long[0, 500_000]);
            var beat = Gen.Select(frames, Gen.Char["ab059msh."].Array[1, 4], Gen.Bool, (frame, marks, any) => new Beat(frame, new string(marks), any));
            var spans = Gen.Int[0, 3].Select(i => TimeSpan.FromMilliseconds(new[] { 1, 10, 0.3, 1000 }[i]));
            var rows = Gen.Select(beat.Array[0, 8], frames, spans, (beats, end, span) => (MarbleRow.Of(beats, end), new MarbleSyntax { Frame = span, MoreValues = "." }));
            var ended = rows.Select(r => (r.Item1.Over(MarbleRow.Of([(r.Item1.End, '|')])), r.Item2));
            var hot = Gen.Select(rows, Gen.Long[0, 100], (r, before) =>
                (MarbleRow.Of(r.Item1.Beats.Append(new Beat(before, "^")), r.Item1.End).Shift(-before), r.Item2 with { Kind = MarbleKind.Hot }));
            var subscriptions = Gen.Select(frames, frames, spans, (from, lasts, span) =>
                (MarbleRow.Of([(from, '^'), (from + lasts, '!')]), new MarbleSyntax { Kind = MarbleKind.Subscription, Frame = span }));
            return Gen.OneOf(rows, ended, hot, subscriptions);
        }
    }

    private static string Shown(MarbleRow row) => string.Join(' ', row.Beats.Select(b => b.AnyOrder ? $"{b}@{b.Frame}" : $"{b.Marks}@{b.Frame}"));
}
