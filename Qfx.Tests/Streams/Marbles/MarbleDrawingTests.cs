using Qfx.Streams.Marbles;

namespace Qfx.Tests.Streams.Marbles;

public class MarbleDrawingTests
{
    [Fact]
    public void A_difference_is_drawn_with_a_ruler_both_rows_a_caret_and_the_legend() => Draws(
        "--A--?--------S---R----",
        "--A--?---------S---R---",
        """
        work: the first difference is at frame 14 (14ms): expected S (sent), got nothing
                   0         10        20
                   |....+....|....+....|..
          expected --A--?--------S---R----
          actual   --A--?---------S---R---
                                 ^
          A = attached
          ? = asking
          S = sent
          R = received

        """);

    [Fact]
    public void What_comes_after_the_last_that_is_expected_is_a_difference() => Draws(
        "-A---",
        "-A------S",
        """
        work: the first difference is at frame 8 (8ms): expected nothing, got S (sent)
                   0
                   |....+...
          expected -A-------
          actual   -A------S
                           ^
          A = attached
          S = sent

        """);

    [Fact]
    public void A_long_silence_of_both_is_cut_short_in_both() => Draws(
        "-A 5m T",
        "-A 299990ms T",
        """
        work: the first difference is at frame 299992 (299.992s): expected nothing, got T
                   0                  300000
                   |.         ...+....|..
          expected -A 299.99s ----------T
          actual   -A 299.99s T----------
                              ^
          A = attached

        """);

    [Fact]
    public void Within_a_group_order_matters_and_between_braces_it_does_not()
    {
        Assert.Null(Difference("-{AS}-", MarbleRow.Of([(1, 'S'), (1, 'A')])));
        Assert.Null(Difference("-(SA)-", MarbleRow.Of([(1, 'S'), (1, 'A')])));
        Assert.NotNull(Difference("-(AS)-", MarbleRow.Of([(1, 'S'), (1, 'A')])));
        Assert.NotNull(Difference("-{AS}-", MarbleRow.Of([(1, 'S'), (1, 'S')])));
        Assert.NotNull(Difference("-{AS}-", MarbleRow.Of([(1, 'S'), (1, 'A'), (1, 'A')])));
        Assert.NotNull(Difference("-{AS}-", MarbleRow.Of([(1, 'S')])));
    }

    [Fact]
    public void How_long_rows_last_after_the_last_mark_is_no_difference() =>
        Assert.Null(Difference("-A---", MarbleRow.Of([(1, 'A')])));

    [Fact]
    public void A_value_that_has_no_letter_gets_one_and_is_in_the_legend()
    {
        var values = MarbleValues.Of(('a', "alpha"), ('A', "Alpha"));

        Assert.Equal('a', values.LetterOf("alpha"));
        Assert.Equal('B', values.LetterOf("beta"));
        Assert.Equal('B', values.LetterOf("beta"));
        Assert.Equal("beta", values.Meaning('B'));
        Assert.Null(values.Meaning('z'));
        Assert.Equal("'z' stands for no value here\nz\n^", Assert.Throws<MarbleException>(() => values.Read('z')).Message);
    }

    private static void Draws(string expected, string actual, string drawing) =>
        Assert.Equal(drawing, Difference(expected, MarbleParser.Parse(actual, Syntax)), ignoreLineEndingDifferences: true);

    private static string? Difference(string expected, MarbleRow actual) => MarbleDrawing.Difference(
        "work", MarbleParser.Parse(expected, Syntax), actual, TimeSpan.FromMilliseconds(1), Meaning);

    private static MarbleSyntax Syntax => new() { MoreValues = "?" };

    private static string? Meaning(char letter) => letter switch { 'A' => "attached", '?' => "asking", 'S' => "sent", 'R' => "received", _ => null };
}
