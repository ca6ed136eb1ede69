using System.Globalization;

namespace Qfx.Guest.Progress;

/// <summary>One line of a terminal, written again and again.</summary>
/// <param name="terminal">Where it goes.</param>
/// <param name="width">How many columns it has.</param>
internal sealed class TerminalProgress(TextWriter terminal, Func<int> width) : IProgressView
{
    private const int MostBar = 40;
    private const int Rest = 6;         // "100 % " before the bar
    private const string Clear = "\r\u001b[K";

    private bool begun;

    public CancellationToken Closed => CancellationToken.None;

    public void Show(Reading reading)
    {
        begun = true;
        terminal.Write(Clear + Line(reading, width()));
        terminal.Flush();
    }

    /// <summary>A line of its own is left behind.</summary>
    public ValueTask DisposeAsync()
    {
        if (begun) terminal.WriteLine();
        return ValueTask.CompletedTask;
    }

    /// <summary>Percent, bar and bytes; in a narrow terminal without the bar.</summary>
    internal static string Line(Reading reading, int width)
    {
        var text = reading.ToString();
        var bar = Math.Min(MostBar, width - Rest - text.Length - 4);
        var percent = string.Create(CultureInfo.InvariantCulture, $"{reading.Percent,3} %");
        if (bar < 5) return $"{percent} {text}";
        var full = reading.Percent * bar / 100;
        return $"{percent} [{new string('#', full)}{new string('.', bar - full)}] {text}";
    }
}
