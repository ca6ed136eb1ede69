using System.Globalization;
using System.Text;
using Qfx.Daemon.Logging;

namespace Qfx.Daemon.Manual;

/// <summary>What each message means, as journald's catalog (<c>journalctl -x</c>) and as a part of docs/messages.md.</summary>
internal static class MessagePage
{
    /// <summary>systemd's message catalog format: its "Journal Message Catalogs".</summary>
    public static string Catalog()
    {
        var text = new StringBuilder("# Written by qfilexchgd itself: ./qfx manual.\n");
        foreach (var (number, explanation) in Explanations.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n-- {MessageIds.Of(number)}\nSubject: {explanation.Subject}\nDefined-By: Qfx\nDocumentation: man:qfilexchgd(8)\n\n")
                .Append(explanation.Text).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The table.</summary>
    public static string Table()
    {
        var text = new StringBuilder("| number | message | what it means, and what to do |\n|---|---|---|\n");
        foreach (var (number, explanation) in Explanations.All)
            text.Append(CultureInfo.InvariantCulture, $"| {number} | {explanation.Subject} | {explanation.Text} |\n");
        return text.ToString();
    }
}
