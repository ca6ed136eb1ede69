using Qfx.Guest.Host;

namespace Qfx.Guest.Desktop;

/// <summary>Windows that say one thing, or ask for one.</summary>
internal sealed class Windows(DesktopTool tool)
{
    public const string Title = "Send to another VM";

    private const int MostText = 2000;

    /// <summary>Ends when the person has closed it.</summary>
    public Task ErrorAsync(string text, CancellationToken cancel) => RunAsync(
        tool.Kind == DesktopKind.Zenity
            ? ["--error", "--no-markup", "--width=480", "--title", Title, "--text", Fit(text)]
            : ["--title", Title, "--error", Markup(Fit(text))],
        cancel);

    /// <summary>What is to be done where some files cannot be sent as they are.</summary>
    /// <param name="text">What cannot be sent, and why.</param>
    /// <param name="archive">Whether an archive is a way out.</param>
    /// <param name="cancel">Ends the wait for an answer.</param>
    /// <returns>Null if the person wants neither.</returns>
    public async Task<WayOut?> ChooseAsync(string text, bool archive, CancellationToken cancel)
    {
        const string AsArchive = "Send as an archive";
        const string Without = "Send without these";
        var (exit, output) = await RunAsync(
            tool.Kind == DesktopKind.Zenity
                ? ["--question", "--no-markup", "--width=480", "--title", Title, "--text", Fit(text), "--cancel-label", "Cancel", "--ok-label", Without, .. archive ? ["--extra-button", AsArchive] : Array.Empty<string>()]
                : archive ? ["--title", Title, "--yesnocancel", Markup(Fit(text)), "--yes-label", Without, "--no-label", AsArchive]
                : ["--title", Title, "--yesno", Markup(Fit(text)), "--yes-label", Without, "--no-label", "Cancel"],
            cancel).ConfigureAwait(false);
        return exit switch
        {
            0 => WayOut.Skip,
            1 when archive && (tool.Kind == DesktopKind.KDialog || output.Contains(AsArchive, StringComparison.Ordinal)) => WayOut.Archive,
            _ => null,
        };
    }

    /// <summary>Which VM the files are to go to: for a daemon that cannot ask this itself.</summary>
    /// <returns>Null if the person gave none.</returns>
    public async Task<string?> ReceiverAsync(CancellationToken cancel)
    {
        const string Text = "Name of the VM that is to get the files:";
        var (exit, output) = await RunAsync(
            tool.Kind == DesktopKind.Zenity ? ["--entry", "--title", Title, "--text", Text] : ["--title", Title, "--inputbox", Text],
            cancel).ConfigureAwait(false);
        return exit == 0 ? output.Trim() : null;
    }

    /// <summary>KDialog takes what looks like HTML for HTML.</summary>
    internal static string Markup(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("\n", "<br>", StringComparison.Ordinal);

    private static string Fit(string text) => Printable.Lines(text) is var lines && lines.Length > MostText
        ? lines[..MostText] + "…"
        : lines;

    private Task<ToolResult> RunAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        Tool.RunAsync(tool.Program, arguments, cancel, tool.Environment);
}

/// <summary>What a person can choose where some files cannot be sent as they are.</summary>
internal enum WayOut
{
    Skip,
    Archive,
}
