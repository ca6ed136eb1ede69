using Qfx.Guest.Desktop;
using Qfx.Guest.Host;

namespace Qfx.Guest.Progress;

/// <summary>Where a person looks: at a window, at a terminal, or nowhere.</summary>
internal static class ProgressViews
{
    private const int Output = 1;    // the file descriptor of standard output

    /// <param name="desktop">Where a window is wanted, and can be shown.</param>
    /// <param name="text">What goes on.</param>
    /// <param name="cancel">Ends the wait for a window.</param>
    public static async Task<IProgressView> ForAsync(DesktopTool? desktop, string text, CancellationToken cancel)
    {
        if (desktop is { Kind: DesktopKind.Zenity }) return ZenityProgress.Start(desktop, text);
        if (desktop is not null && await KDialogProgress.StartAsync(desktop, text, cancel).ConfigureAwait(false) is { } window) return window;
        return Libc.IsTerminal(Output) == 1 ? new TerminalProgress(Console.Out, () => Console.WindowWidth) : new NoProgress();
    }
}
