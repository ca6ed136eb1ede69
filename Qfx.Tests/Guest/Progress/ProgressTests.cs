using Microsoft.Reactive.Testing;
using Qfx.Guest.Desktop;
using Qfx.Guest.Progress;
using Qfx.Streams.Marbles;
using Qfx.Tests.Guest.Copying;

namespace Qfx.Tests.Guest.Progress;

public sealed class ProgressTests
{
    [Fact]
    public void It_is_shown_at_the_start_then_ten_times_a_second_and_at_the_end()
    {
        var scheduler = new TestScheduler();
        var view = new TreeCopyTests.Readings();
        var meter = new Meter(1000, view, new SchedulerTime(scheduler));
        for (var i = 0; i < 100; i++)
        {
            meter.Add(10);
            scheduler.AdvanceBy(TimeSpan.FromMilliseconds(10).Ticks);
        }

        Assert.Equal([10, 110, 210, 310, 410, 510, 610, 710, 810, 910, 1000], view.All.Select(reading => reading.Done));
    }

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(0, 10, 0)]
    [InlineData(999_999, 1_000_000, 99)]
    [InlineData(10, 10, 100)]
    [InlineData(long.MaxValue / 2, long.MaxValue, 49)]
    public void A_hundred_percent_is_all_of_it(long done, long total, int percent) =>
        Assert.Equal(percent, new Reading(done, total, TimeSpan.Zero).Percent);

    [Theory]
    [InlineData(80, " 50 % [####################....................] 450 MiB of 900 MiB, 90 MiB/s")]
    [InlineData(60, " 50 % [###########...........] 450 MiB of 900 MiB, 90 MiB/s")]
    [InlineData(40, " 50 % 450 MiB of 900 MiB, 90 MiB/s")]
    public void A_terminal_shows_a_bar_where_there_is_room_for_it(int width, string line) =>
        Assert.Equal(line, TerminalProgress.Line(new(450L << 20, 900L << 20, TimeSpan.FromSeconds(5)), width));

    [Fact]
    public void On_KDE_its_own_program_comes_first_and_without_a_screen_there_is_none()
    {
        Assert.Null(DesktopTool.Find(_ => null, _ => true));
        Assert.Null(DesktopTool.Find(Screen("XFCE"), _ => false));
        Assert.Equal(DesktopKind.Zenity, DesktopTool.Find(Screen("XFCE"), _ => true)!.Kind);
        Assert.Equal(DesktopKind.KDialog, DesktopTool.Find(Screen("KDE"), _ => true)!.Kind);
        Assert.Equal(DesktopKind.Zenity, DesktopTool.Find(Screen("KDE"), path => path == "/usr/bin/zenity")!.Kind);
        Assert.Equal(":1", DesktopTool.Find(Screen("KDE"), _ => true)!.Environment["DISPLAY"]);
    }

    private static Func<string, string?> Screen(string desktop) => name => name switch
    {
        "DISPLAY" => ":1",
        "XDG_CURRENT_DESKTOP" => desktop,
        _ => null,
    };
}
