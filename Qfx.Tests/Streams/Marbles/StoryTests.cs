using Qfx.Streams.Marbles;

namespace Qfx.Tests.Streams.Marbles;

/// <summary>What is no story is said with the line and the column; and nothing that comes out is overlooked.</summary>
public class StoryTests
{
    [Theory]
    [InlineData("work : n-B-", "line 1: 'n' comes before this VM is there\nwork : n-B-\n       ^")]
    [InlineData("work : -D-A", "line 1: 'D' comes before this VM is there\nwork : -D-A\n        ^")]
    [InlineData("work : x", "line 1: 'x' stands for nothing in this row\nwork : x\n       ^")]
    [InlineData("work : n\nwrok > -", "line 2: nothing of this name is in the story\nwrok > -\n^")]
    [InlineData("work : n\n  person > y", "line 2: 'y' stands for nothing in this row\n  person > y\n           ^")]
    public void What_is_no_story_is_pointed_at(string text, string error) =>
        Assert.Equal(error, Assert.Throws<MarbleException>(() => Story.Parse(text)).Message);

    [Fact]
    public void What_comes_out_behind_the_last_row_is_a_difference()
    {
        var differences = Differences("""
            work  : n
            disks > m
            """);

        Assert.Contains("disks: the first difference is at frame 1 (10ms): expected nothing, got g (attach xvdg)", differences, StringComparison.Ordinal);
        Assert.Contains("work: the first difference is at frame 2 (20ms): expected nothing, got A (attached)", differences, StringComparison.Ordinal);
    }

    [Fact]
    public void What_lasts_until_something_else_happens_does_not_keep_a_story_from_its_end() => Assert.Equal("", Differences("""
        work     : n---s---
        personal : --------
        work     > --A-?---
        screen   > ----?---
        disks    > mg------
        """));

    private static string Differences(string text)
    {
        using var player = new StoryPlayer(Story.Parse(text));
        return string.Join('\n', player.Play().Differences());
    }
}
