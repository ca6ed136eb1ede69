using System.Runtime.CompilerServices;
using Qfx.Streams.Marbles;

namespace Qfx.Tests.Streams.Rules;

/// <summary>docs/rules.md, "A new rule": what it shows is what is compiled, and what it says comes out.</summary>
public class WalkThroughTests
{
    private static readonly string Text = Read("docs/rules.md");

    [Fact]
    public void The_story_that_is_drawn_first_comes_out_as_it_is_drawn()
    {
        using var player = new StoryPlayer(Story.Parse(Block("# A pendrive has been at a receiver for an hour"))).Play();

        Assert.Empty(player.Differences(whole: true));
    }

    [Fact]
    public void Before_there_is_the_rule_it_fails_in_these_words()
    {
        var story = Story.Parse(Block("# A pendrive has been at a receiver for an hour"));
        var expected = story.Rows.Single(r => r.Name == "notices").Row;
        var without = MarbleRow.Of(expected.Marks().Where(m => m.Mark != 'i'));
        var drawing = MarbleDrawing.Difference("notices", expected, without, story.Frame, letter => StoryLetters.Meaning("notices", letter))!;

        Assert.Equal(drawing.Split('\n')[0], Block("notices: the first difference").Trim());
    }

    [Fact]
    public void The_rule_is_the_file_that_is_compiled() =>
        Assert.Equal(Read("Qfx.Streams/Rules/WarnOfForgotten.cs").Trim(), Block("using System.Reactive.Concurrency;").Trim());

    [Fact]
    public void The_line_of_wiring_is_the_one_that_is_compiled() =>
        Assert.Contains(Block("steps.WarnOfForgotten(").Trim(), Read("Qfx.Streams/Rules/AddedRules.cs"), StringComparison.Ordinal);

    /// <summary>The fenced block that begins so.</summary>
    private static string Block(string begin)
    {
        var parts = Text.Split("```");
        return parts.Where((_, i) => i % 2 == 1).Select(block => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..])
            .Single(block => block.StartsWith(begin, StringComparison.Ordinal));
    }

    private static string Read(string file, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../..", file)).ReplaceLineEndings("\n");
}
