using Qfx.Streams.Exchange;
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
    [InlineData("work : n\n  person > y", "line 2: nothing of this name is in the story\n  person > y\n  ^")]
    public void What_is_no_story_is_pointed_at(string text, string error) =>
        Assert.Equal(error, Assert.Throws<MarbleException>(() => Story.Parse(text)).Message);

    [Theory]
    [InlineData("", "a story has rows")]
    [InlineData("# only a remark", "a story has rows")]
    [InlineData("work : n\npolicy : p", "'p' stands for nothing in this row")]
    [InlineData("work : n\ndaemon : x", "'x' stands for nothing in this row")]
    [InlineData("work : n\nadmin : x", "'x' stands for nothing in this row")]
    [InlineData("work : n\nperson : x", "'x' stands for nothing in this row")]
    [InlineData("work : n\ndisks > q", "'q' stands for nothing in this row")]
    [InlineData("frame = 0ms\nwork : n", "this is no setting of a story")]
    [InlineData("frame = soon\nwork : n", "a time is a number and ms, s, m or h")]
    [InlineData("reveal_names = perhaps\nwork : n", "this is no setting of a story")]
    [InlineData("slow = make\nwork : n", "this is no setting of a story")]
    [InlineData("slow = make x\nwork : n", "this is no setting of a story")]
    [InlineData("slow = think 3\nwork : n", "this is no setting of a story")]
    [InlineData("hang = think\nwork : n", "this is no setting of a story")]
    [InlineData("patience = 3s\nwork : n", "this is no setting of a story")]
    [InlineData("question = 3s\nquestion = 4s\nwork : n", "line 2: question is set already")]
    [InlineData("slow = make 2147483647\nwork : n", "this is no setting of a story")]
    [InlineData("frame = 87840h\nwork : n-n", "line 2: no story lasts that long")]
    [InlineData("work : ", "line 1: a row in which nothing happens says so with a '-'")]
    [InlineData("work : n\nwork > ", "line 2: a row in which nothing happens says so with a '-'")]
    [InlineData("foo$ : n", "line 1: no VM can have this name\nfoo$ : n\n^")]
    [InlineData("p = allow everything\npolicy : p\nwork : n", "line 2: what this letter stands for is no policy: allow everything\npolicy : p\n         ^")]
    [InlineData("x = 5 in soon: new\nwork : -x", "line 2: '5 in soon' is not how many and in what time: 1 to 1000000, and a number and ms, s, m or h\nwork : -x\n        ^")]
    [InlineData("x = 2000000 in 1s: new\nwork : x", "'2000000 in 1s' is not how many")]
    [InlineData("work : -- 5m -m", "line 1: 'm' stands for nothing in this row\nwork : -- 5m -m\n              ^")]
    [InlineData("work : n\ndisks > -- 5s -\ndisks > -s", "line 3: 's' stands for nothing in this row\ndisks > -s\n         ^")]
    public void What_is_wrong_with_a_story_is_said(string text, string error) =>
        Assert.Contains(error, Assert.Throws<MarbleException>(() => Story.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_settings_of_a_story_are_the_daemons()
    {
        var story = Story.Parse("""
            frame = 1s
            question = 2s
            unshown = 3m
            quiet = 7m
            waiting = 4h
            detach = 5ms
            effect = 6s
            reveal_names = yes
            work : n
            """);

        Assert.Equal(TimeSpan.FromSeconds(1), story.Frame);
        Assert.Equal(
            (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(3), TimeSpan.FromHours(4), TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(6), true),
            (story.Settings.QuestionLimit, story.Settings.UnshownLimit, story.Settings.WaitingLimit, story.Settings.DetachLimit, story.Settings.EffectLimit, story.Settings.RevealNames));
        Assert.Equal(TimeSpan.FromMinutes(7), story.Settings.QuietTime);
        Assert.False(Story.Parse("reveal_names = no\nwork : n").Settings.RevealNames);
        Assert.Equal(TimeSpan.FromMilliseconds(10), Story.Parse("work : n").Frame);
    }

    [Theory]
    [InlineData("make", "m")]
    [InlineData("attach xvdg", "mg")]
    [InlineData("detach xvdg", "mgG")]
    [InlineData("announce", "mgGa")]
    [InlineData("attach xvdh", "mgGah")]
    [InlineData("detach xvdh", "mgGahH")]
    [InlineData("delete", "mgGahHx")]
    public void What_hangs_is_the_last_that_is_begun_with_the_disks(string what, string disks)
    {
        using var player = new StoryPlayer(Story.Parse($"hang = {what}\nwork : n----s----------\npersonal : ------------u---\nperson : -------y-------")).Play();

        Assert.Equal(disks, string.Concat(player.Begun.Select(StoryLetters.OfDisk)));
    }

    [Theory]
    [InlineData("person", 'y', "yes")]
    [InlineData("person", 'x', null)]
    [InlineData("daemon", 's', "starts after an earlier run")]
    [InlineData("daemon", 'n', null)]
    [InlineData("admin", 'd', "detach it")]
    [InlineData("admin", 'n', null)]
    [InlineData("work", 'n', "new")]
    [InlineData("work", 'D', "dies")]
    [InlineData("work", 'x', "format c:")]
    [InlineData("work", 'c', "send third")]
    [InlineData("work", 'z', null)]
    public void What_a_letter_of_a_row_means(string row, char letter, string? meaning) =>
        Assert.Equal(meaning, Story.Parse("x = format c:\nc = send third\nwork : n\nperson : y").MeaningIn(row, letter));

    [Fact]
    public void What_comes_out_is_told_in_the_storys_order_with_rows_that_it_does_not_have_behind_them()
    {
        using var player = new StoryPlayer(Story.Parse("""
            work     : n----s---
            personal : ---------
            notices  > -
            work     > -
            """)).Play();

        Assert.Equal(["notices", "work", "screen", "disks"], player.Out().Select(row => row.Name));
        Assert.All(player.Out(), row => Assert.False(row.In));
    }

    [Theory]
    [InlineData("work : n----s---\npersonal : -\nperson : -------1\nwork > --A--?")]                       // there is nothing to choose
    [InlineData("B = send personal\nwork : -B\nwork > -p")]                                              // a letter of the legend is no fate
    [InlineData("admin : c\nwork : -\nwork > -")]                                                        // there is no pendrive
    [InlineData("work : -(sR)-\nwork > -p")]                                                              // told to the life that asked
    [InlineData("slow = make 30\nwork : n\nwork > 310ms A\ndisks > m 290ms g")]                           // what has begun comes to its end
    public void What_cannot_be_done_is_not_done(string story) => Assert.Equal("", Differences(story));

    [Fact]
    public void Where_a_story_is_to_be_whole_a_row_that_it_does_not_have_is_one_in_which_nothing_comes()
    {
        using var player = new StoryPlayer(Story.Parse("work : n---\nwork > --A-")).Play();

        Assert.Empty(player.Differences());
        Assert.Contains("There is no row '>' for what comes out here. disks: ", Assert.Single(player.Differences(whole: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void Domids_are_given_again_when_all_have_been()
    {
        using var player = new StoryPlayer(Story.Parse($"work : {new string('R', 33_000)}n\nthird : -\nwork > 330020ms A")).Play();

        Assert.Equal("", string.Join('\n', player.Differences()));
    }

    [Fact]
    public void Each_kind_of_notice_has_a_letter_of_its_own()
    {
        var letters = Enum.GetValues<NoticeKind>().Select(StoryLetters.OfNotice).ToArray();

        Assert.Equal(letters.Length, letters.Distinct().Count());
        Assert.All(letters, letter => Assert.True(letter != '!' && StoryLetters.Meaning("notices", letter) is not null));
    }

    [Fact]
    public void A_story_that_expects_nothing_is_told_so()
    {
        using var player = new StoryPlayer(Story.Parse("work : n")).Play();
        Assert.Contains("expects nothing", Assert.Single(player.Differences()), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_four_statuses_in_a_frame_are_a_flood()
    {
        Assert.Equal("", Differences("work : (cxcx)-\nx = umount\nwork > (pppp)-"));
        Assert.Equal("", Differences("work : (cxcxc)-\nx = umount\nwork > ~-"));
    }

    [Fact]
    public void Spans_tell_who_had_a_pendrive_and_when_a_question_was_on_the_screen()
    {
        using var player = new StoryPlayer(Story.Parse("""
            work     : n----s-----------
            personal : ------------u----
            person   : -------y---------
            """)).Play();

        Assert.Equal(
            [("work", 2L), ("person", 5L), ("personal", 10L)],
            player.Spans.OrderBy(s => s.From).Select(s => (s.Row, s.From)).ToArray());
        Assert.Equal([8L, 7L], player.Spans.Where(s => s.Row is "work" or "person").OrderBy(s => s.From).Select(s => s.To));
    }

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
