using Qfx.Guest.Desktop;
using Qfx.Guest.Progress;
using Qfx.Tests.Support;
using GuestWindows = Qfx.Guest.Desktop.Windows;    // Windows is a namespace of the framework's

namespace Qfx.Tests.Guest.Progress;

/// <summary>The real windows, on a screen that nobody looks at.</summary>
public sealed class ProgressWindowTests : IAsyncLifetime
{
    private const string Text = "Copying 3 files";

    private VirtualScreen screen = null!;
    private SessionBus bus = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        screen = await VirtualScreen.StartAsync("zenity", "kdialog");
        bus = await SessionBus.StartAsync("dbus-send");
    }

    [Theory]
    [InlineData(DesktopKind.Zenity)]
    [InlineData(DesktopKind.KDialog)]
    internal async Task It_is_there_while_it_lasts_and_gone_with_the_end(DesktopKind kind)
    {
        await using (var view = await ProgressViews.ForAsync(Desktop(kind), Text, Cancel))
        {
            await screen.WindowAsync(GuestWindows.Title);
            view.Show(new(450L << 20, 900L << 20, TimeSpan.FromSeconds(5)));
            await screen.PictureAsync($"progress-{kind}");
            Assert.False(view.Closed.IsCancellationRequested);
        }

        await screen.GoneAsync(GuestWindows.Title);
    }

    [Theory]
    [InlineData(DesktopKind.Zenity, -140)]
    [InlineData(DesktopKind.KDialog, -40)]
    internal async Task Cancel_calls_the_copying_off(DesktopKind kind, int x)
    {
        await using var view = await ProgressViews.ForAsync(Desktop(kind), Text, Cancel);
        var called = new TaskCompletionSource();
        using var registration = view.Closed.Register(called.SetResult);
        view.Show(new(1, 100, TimeSpan.FromSeconds(1)));
        var window = await screen.WindowAsync(GuestWindows.Title);
        await screen.PictureAsync($"progress-cancel-{kind}");
        await screen.ClickAsync(window, x, -25);
        for (var seconds = 2; !called.Task.IsCompleted; seconds++)    // kdialog is asked whether it was cancelled with each reading
        {
            view.Show(new(1, 100, TimeSpan.FromSeconds(seconds)));
            await screen.RoundAsync();
            if (seconds % 20 == 0) await screen.ClickAsync(window, x, -25);    // the first one may have come before the button did
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (bus is not null) await bus.DisposeAsync();
        if (screen is not null) await screen.DisposeAsync();
    }

    private DesktopTool Desktop(DesktopKind kind) => new(kind, new Dictionary<string, string>
    {
        ["DISPLAY"] = screen.Display,
        ["DBUS_SESSION_BUS_ADDRESS"] = bus.Address,
        ["HOME"] = "/nonexistent",
        ["LC_ALL"] = "C.UTF-8",
    });
}
