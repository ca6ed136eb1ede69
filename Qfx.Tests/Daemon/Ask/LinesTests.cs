using Qfx.Daemon.Ask;

namespace Qfx.Tests.Daemon.Ask;

/// <summary>Lines are broken between words, for a terminal.</summary>
public class LinesTests
{
    [Theory]
    [InlineData("one two three", 20, "one two three|")]
    [InlineData("one two three", 13, "one two three|")]
    [InlineData("one two three", 12, "one two|  three|")]
    [InlineData("one two three four five", 10, "one two|  three|  four|  five|")]
    [InlineData("one /a/path/that/is/long two", 10, "one|  /a/path/that/is/long|  two|")]
    [InlineData("/a/path/that/is/long", 5, "/a/path/that/is/long|")]
    [InlineData("", 5, "|")]
    [InlineData("red \u001b[31m", 80, "red ?[31m|")]
    public void A_line_is_broken_between_words_and_a_long_word_stays_whole(string line, int width, string lines) =>
        Assert.Equal(lines.Replace('|', '\n'), Lines.Wrap(line, width, 2));
}
