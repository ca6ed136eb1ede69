using Qfx.Guest.Desktop;
using Qfx.Tests.Support;
using GuestWindows = Qfx.Guest.Desktop.Windows;    // Windows is a namespace of the framework's

namespace Qfx.Tests.Guest.Desktop;

/// <summary>The real windows, on a screen that nobody looks at.</summary>
public sealed class WindowsTests : IAsyncLifetime
{
    private const string Text = "These cannot be on a pendrive:\n  <b>big</b> & bold.iso: 4 GiB or more\n  a:b: a colon";

    private VirtualScreen screen = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => screen = await VirtualScreen.StartAsync("zenity", "kdialog");

    [Theory]
    [InlineData(DesktopKind.Zenity)]
    [InlineData(DesktopKind.KDialog)]
    internal async Task The_receivers_name_is_what_was_typed_and_nothing_that_the_program_grumbled(DesktopKind kind)
    {
        var asked = new GuestWindows(Desktop(kind)).ReceiverAsync(Cancel);
        await screen.FocusAsync(GuestWindows.Title);
        await screen.PictureAsync($"receiver-{kind}");
        await screen.TypeAsync("w", "o", "r", "k", "Return");

        Assert.Equal("work", await asked);
    }

    [Theory]
    [InlineData(DesktopKind.Zenity, true)]
    [InlineData(DesktopKind.Zenity, false)]
    [InlineData(DesktopKind.KDialog, true)]
    [InlineData(DesktopKind.KDialog, false)]
    internal async Task Escape_is_none_of_the_ways_out(DesktopKind kind, bool archive)
    {
        var asked = new GuestWindows(Desktop(kind)).ChooseAsync(Text, archive, Cancel);
        await screen.FocusAsync(GuestWindows.Title);
        await screen.PictureAsync($"choose-{kind}-{archive}");
        await screen.TypeAsync("Escape");

        Assert.Null(await asked);
    }

    [Theory]
    [InlineData(DesktopKind.Zenity)]
    [InlineData(DesktopKind.KDialog)]
    internal async Task An_error_stays_until_it_is_closed(DesktopKind kind)
    {
        var shown = new GuestWindows(Desktop(kind)).ErrorAsync(Text, Cancel);
        await screen.FocusAsync(GuestWindows.Title);
        await screen.PictureAsync($"error-{kind}");
        Assert.False(shown.IsCompleted);
        await screen.TypeAsync("Escape");

        await shown;
    }

    public async ValueTask DisposeAsync()
    {
        if (screen is not null) await screen.DisposeAsync();
    }

    private DesktopTool Desktop(DesktopKind kind) =>
        new(kind, new Dictionary<string, string> { ["DISPLAY"] = screen.Display, ["HOME"] = "/nonexistent", ["LC_ALL"] = "C.UTF-8" });
}
