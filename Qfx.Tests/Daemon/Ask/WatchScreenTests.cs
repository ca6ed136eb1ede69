using Qfx.Daemon.Ask;
using Qfx.Daemon.Control;

namespace Qfx.Tests.Daemon.Ask;

/// <summary>The live view, as text.</summary>
public class WatchScreenTests
{
    private static readonly OverviewView Seen = new(
        new("0.1.0", DateTimeOffset.UnixEpoch, Store: true, 3, 2, 1, 1, 6),
        [new(1, "work", 2, "p1", null), new(2, "personal", 0, null, "p3"), new(5, "a-name-of-thirty-one-characters", 0, null, null)],
        [new("p1", "work", "personal", "asking", "work xvdg"), new("p3", "third", "personal", "at-receiver", "personal xvdh")],
        [new("q2", "p1", "work", "personal", "qfx.Copy", "90-default.policy:7", Shown: true, 12)],
        [new("d4", "disp1", 7, "work", "running")]);

    private static readonly EventView[] Events =
        [.. Enumerable.Range(0, 50).Select(i => new EventView(i, DateTimeOffset.UnixEpoch.AddSeconds(i), "report", "work", "p1", $"attached: number {i}"))];

    [Fact]
    public void It_shows_who_holds_what_open_questions_and_the_last_events()
    {
        var lines = WatchScreen.Lines(Seen, Events, "p1", "", 80, 24);

        Assert.Equal(24, lines.Count);
        Assert.Equal("qfilexchgd 0.1.0   3 VMs   2 pendrives   1 questions   1 DVMs", lines[0]);
        Assert.Contains("      1  work                 xvdg p1     xvdh -     ", lines);
        Assert.Contains(">    p1  work -> personal  asking  at work xvdg", lines);
        Assert.Contains("     p3  third -> personal  at-receiver  at personal xvdh", lines);
        Assert.Contains("     q2  on the screen, 12 s: may work send to personal?", lines);
        Assert.Contains("     d4  disp1      for work  running", lines);
        Assert.EndsWith("work p1: attached: number 49", lines[^2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(40, 10)]
    [InlineData(20, 3)]
    [InlineData(200, 60)]
    public void Whatever_the_size_no_line_is_wider_and_there_are_no_more(int width, int height)
    {
        var lines = WatchScreen.Lines(Seen, Events, null, "", width, height);

        Assert.True(lines.Count <= height);
        Assert.All(lines, line => Assert.True(line.Length <= width));
    }

    [Fact]
    public void Of_very_many_it_shows_some_and_says_how_many()
    {
        var many = Seen with { Domains = [.. Enumerable.Range(1, 500).Select(i => new DomainView(i, $"vm{i}", 0, i == 400 ? "p9" : null, null))] };

        var lines = WatchScreen.Lines(many, Events, null, "", 80, 24);

        Assert.Contains("VMS (3 of 500)", lines);
        Assert.Contains(lines, line => line.Contains("vm400", StringComparison.Ordinal));    // who holds something comes first
    }

    [Fact]
    public void A_lost_xenstore_is_said_and_so_is_what_a_key_came_to()
    {
        var lines = WatchScreen.Lines(Seen with { Status = Seen.Status with { Store = false } }, Events, null, "p1 is cancelled", 80, 24);

        Assert.EndsWith("XENSTORE LOST", lines[0], StringComparison.Ordinal);
        Assert.Equal("p1 is cancelled", lines[^1]);
    }

    [Fact]
    public void What_a_terminal_would_act_on_is_not_shown()
    {
        var told = new EventView(1, DateTimeOffset.UnixEpoch, "report", "work", "p1", "failed: \u001b[2Jgone\r\n\u202Etxet");

        Assert.EndsWith("work p1: failed: ?[2Jgone???txet", WatchScreen.Line(told), StringComparison.Ordinal);
        Assert.All(WatchScreen.Lines(Seen, [told], null, "\u001b[31m", 80, 24), line => Assert.DoesNotContain('\u001b', line));
    }

    [Fact]
    public void A_frame_is_one_write_and_the_terminal_is_as_it_was_afterwards()
    {
        using var terminal = new StringWriter();
        using (var screen = new LiveScreen(terminal, () => (80, 24)))
        {
            screen.Choose(Seen, +1);
            screen.Choose(Seen, +1);
            Assert.Equal("p3", screen.Chosen);
            screen.Draw(Seen, Events);
            screen.Draw(Seen with { Pendrives = [] }, Events);
            Assert.Null(screen.Chosen);    // it is gone
        }

        var text = terminal.ToString();
        Assert.StartsWith("\u001b[?1049h\u001b[?25l\u001b[H", text, StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[?1049l", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("\u001b[H").Length - 1);
    }
}
