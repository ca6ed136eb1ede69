using System.Globalization;
using System.Threading.Channels;
using Qfx.Guest.Desktop;
using Qfx.Guest.Host;

namespace Qfx.Guest.Progress;

/// <summary>A window of kdialog's, which is spoken to over the session's D-Bus: once a percent, or once a second where that is longer.</summary>
/// <remarks>kdialog --progressbar prints <c>SERVICE OBJECT</c> and stays behind with the window.</remarks>
internal sealed class KDialogProgress : IProgressView
{
    private const string Interface = "org.kde.kdialog.ProgressDialog";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DesktopTool tool;
    private readonly string text;
    private readonly string service;
    private readonly string path;
    private readonly CancellationTokenSource closed = new();
    private readonly Channel<Reading> readings = Channel.CreateBounded<Reading>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Task updates;

    private KDialogProgress(DesktopTool tool, string text, string service, string path)
    {
        this.tool = tool;
        this.text = text;
        this.service = service;
        this.path = path;
        updates = UpdateAsync();
    }

    public CancellationToken Closed => closed.Token;

    /// <returns>Null if no window came.</returns>
    public static async Task<KDialogProgress?> StartAsync(DesktopTool tool, string text, CancellationToken cancel)
    {
        var (exit, output) = await Tool.RunAsync("kdialog", ["--title", Windows.Title, "--progressbar", text, "100"], cancel, tool.Environment).ConfigureAwait(false);
        return exit == 0 && output.Trim().Split(' ') is [var service, var path] && path.StartsWith('/') ? new(tool, text, service, path) : null;
    }

    public void Show(Reading reading) => readings.Writer.TryWrite(reading);

    public async ValueTask DisposeAsync()
    {
        readings.Writer.TryComplete();
        await updates.ConfigureAwait(false);
        await SendAsync($"{Interface}.close").ConfigureAwait(false);
        closed.Dispose();
    }

    private async Task UpdateAsync()
    {
        await SendAsync($"{Interface}.showCancelButton", "boolean:true").ConfigureAwait(false);
        var percent = -1;
        var next = TimeSpan.Zero;
        await foreach (var reading in readings.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if ((reading.Percent == percent && reading.Elapsed < next) || closed.IsCancellationRequested) continue;
            percent = reading.Percent;
            next = reading.Elapsed + Second;
            await SendAsync($"{Interface}.setLabelText", $"string:{text}\n{reading}").ConfigureAwait(false);
            await SendAsync("org.freedesktop.DBus.Properties.Set", $"string:{Interface}", "string:value",
                string.Create(CultureInfo.InvariantCulture, $"variant:int32:{percent}")).ConfigureAwait(false);
            var (exit, answer) = await SendAsync($"{Interface}.wasCancelled").ConfigureAwait(false);
            if (exit != 0 || answer.Contains("boolean true", StringComparison.Ordinal)) await closed.CancelAsync().ConfigureAwait(false);
        }
    }

    private Task<ToolResult> SendAsync(string method, params string[] arguments) => Tool.RunAsync(
        "dbus-send", ["--session", "--print-reply", "--reply-timeout=2000", $"--dest={service}", path, method, .. arguments], CancellationToken.None, tool.Environment);
}
