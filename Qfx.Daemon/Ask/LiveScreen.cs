using System.Text;
using Qfx.Daemon.Control;

namespace Qfx.Daemon.Ask;

/// <summary>Draws the live view on a terminal, and keeps which pendrive is chosen.</summary>
/// <remarks>The alternate screen, so that what stood on the terminal is there again afterwards. Each frame is one write.</remarks>
internal sealed class LiveScreen(TextWriter terminal, Func<(int Width, int Height)> size) : IDisposable
{
    private const string Begin = "\u001b[?1049h\u001b[?25l";
    private const string End = "\u001b[?25h\u001b[?1049l";
    private const string Home = "\u001b[H";
    private const string RestOfLine = "\u001b[K";
    private const string RestOfScreen = "\u001b[J";

    private bool begun;

    /// <summary>The pendrive that keys are about.</summary>
    public string? Chosen { get; private set; }

    /// <summary>What the last key came to.</summary>
    public string Said { get; set; } = "";

    public void Draw(OverviewView seen, IReadOnlyList<EventView> events)
    {
        if (Chosen is not null && seen.Pendrives.All(p => p.Id != Chosen)) Chosen = null;
        var (width, height) = size();
        var frame = new StringBuilder(begun ? "" : Begin).Append(Home);
        begun = true;
        var lines = WatchScreen.Lines(seen, events, Chosen, Said, width, height);
        for (var i = 0; i < lines.Count; i++) frame.Append(lines[i]).Append(RestOfLine).Append(i < lines.Count - 1 ? "\r\n" : "");
        terminal.Write(frame.Append(RestOfScreen));
        terminal.Flush();
    }

    /// <summary>The pendrive above or below.</summary>
    public void Choose(OverviewView seen, int step)
    {
        if (seen.Pendrives.Count == 0) return;
        var at = seen.Pendrives.ToList().FindIndex(p => p.Id == Chosen);
        Chosen = seen.Pendrives[at < 0 ? (step > 0 ? 0 : seen.Pendrives.Count - 1) : Math.Clamp(at + step, 0, seen.Pendrives.Count - 1)].Id;
        Said = "";
    }

    public void Dispose()
    {
        if (!begun) return;
        begun = false;
        terminal.Write(End);
        terminal.Flush();
    }
}
