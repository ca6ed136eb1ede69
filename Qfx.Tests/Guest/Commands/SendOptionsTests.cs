using Qfx.Guest;
using Qfx.Guest.Commands;
using Qfx.Guest.Copying;
using Qfx.Guest.Host;

namespace Qfx.Tests.Guest.Commands;

public sealed class SendOptionsTests
{
    [Fact]
    public void Options_come_before_the_name_and_files_after_it()
    {
        var options = Parse("--archive", "--skip", "--window", "personal", "/a/b", "/a/--follow");
        Assert.Equal("personal", options.To);
        Assert.Equal(["/a/b", "/a/--follow"], options.Files);
        Assert.True(options is { Archive: true, Skip: true, Window: true, Follow: false });
    }

    [Fact]
    public void After_two_hyphens_comes_the_name() => Assert.Equal("@ask", Parse("--window", "--", "@ask", "/x").To);

    [Fact]
    public void Files_are_absolute_and_without_a_slash_at_the_end() =>
        Assert.Equal([Path.Combine(Directory.GetCurrentDirectory(), "folder")], Parse("personal", "folder/").Files);

    [Fact]
    public void The_setting_makes_archives_the_default_and_vfat_turns_it_off()
    {
        var settings = new GuestSettings { Archive = true };
        Assert.True(SendOptions.Parse(["personal", "/x"], false, settings, "usage").Archive);
        Assert.False(SendOptions.Parse(["--vfat", "personal", "/x"], false, settings, "usage").Archive);
    }

    [Fact]
    public void A_move_is_always_an_archive_and_follows_no_links()
    {
        Assert.True(SendOptions.Parse(["personal", "/x"], true, new(), "usage").Archive);
        Assert.Throws<GuestException>(() => SendOptions.Parse(["--vfat", "personal", "/x"], true, new(), "usage"));
        Assert.Throws<GuestException>(() => SendOptions.Parse(["--follow", "personal", "/x"], true, new(), "usage"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("personal")]
    [InlineData("--archive personal")]
    [InlineData("--unknown personal /x")]
    [InlineData("a/b /x")]
    [InlineData("@other /x")]
    [InlineData("personal /")]
    [InlineData("personal /a/x /b/X")]
    public void Anything_else_is_a_mistake(string words) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<GuestException>(() => Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Exit);

    [Fact]
    public void All_obstacles_are_in_one_message_with_what_can_be_done()
    {
        var obstacles = Enumerable.Range(0, 25).Select(i => new Obstacle($"/home/a\u001b{i}", "is a link")).ToArray();
        var text = Obstacles.Text(obstacles, Parse("personal", "/x"));
        Assert.Contains("  /home/a\\u001b0 is a link\n", text, StringComparison.Ordinal);
        Assert.Contains("and 5 more", text, StringComparison.Ordinal);
        Assert.Contains("--archive", text, StringComparison.Ordinal);
        Assert.Contains("--follow", text, StringComparison.Ordinal);
        Assert.Contains("--skip", text, StringComparison.Ordinal);
        Assert.DoesNotContain("--archive", Obstacles.Text(obstacles, Parse("--archive", "personal", "/x")), StringComparison.Ordinal);
    }

    private static SendOptions Parse(params string[] words) => SendOptions.Parse(words, move: false, new(), "usage");
}
