using System.Diagnostics;
using System.Globalization;
using Qfx.Guest.Desktop;
using Qfx.Guest.Host;

namespace Qfx.Guest.Progress;

/// <summary>A window of zenity's: it reads percents and lines of text, and ends when the person cancels or closes it.</summary>
internal sealed class ZenityProgress : IProgressView
{
    private readonly Process process;
    private readonly string text;
    private readonly CancellationTokenSource closed = new();
    private readonly Task ended;
    private bool finished;

    private ZenityProgress(Process process, string text)
    {
        this.process = process;
        this.text = text;
        ended = WaitAsync();
    }

    public CancellationToken Closed => closed.Token;

    /// <param name="tool">Zenity.</param>
    /// <param name="text">What goes on; our own words.</param>
    public static ZenityProgress Start(DesktopTool tool, string text) =>
        new(Tool.Start("zenity", ["--progress", "--auto-close", "--width=420", "--title", Windows.Title, "--text", text], tool.Environment), text);

    public void Show(Reading reading)
    {
        if (ended.IsCompleted) return;
        finished = reading.Percent == 100;
        try
        {
            process.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"# {text}\\n{reading}\n{reading.Percent}\n"));
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has been closed; WaitAsync says so.
        }
    }

    public async ValueTask DisposeAsync()
    {
        finished = true;
        try
        {
            process.StandardInput.Close();
            process.Kill();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It has gone by itself.
        }

        await ended.ConfigureAwait(false);
        process.Dispose();
        closed.Dispose();
    }

    private async Task WaitAsync()
    {
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (!finished) await closed.CancelAsync().ConfigureAwait(false);
    }
}
