using System.Globalization;
using Serilog.Events;

namespace Qfx.Daemon.Logging;

/// <summary>MESSAGE_ID of each kind of message: systemd.journal-fields(7). They never change, so that a search of last year's still finds.</summary>
internal static class MessageIds
{
    /// <summary>Random, once; the number of the message in decimal makes it whole.</summary>
    private const string Kinds = "9d1c7a52e04b4f6b8c3f0a6de751";

    /// <summary>32 hexadecimal digits.</summary>
    public static string Of(int message) => string.Create(CultureInfo.InvariantCulture, $"{Kinds}{message:D4}");

    /// <summary>That of an event of <see cref="DaemonLog"/>; null for any other, such as a library's.</summary>
    public static string? Of(LogEvent logEvent)
    {
        if (!logEvent.Properties.TryGetValue("EventId", out var value) || value is not StructureValue structure) return null;
        var id = structure.Properties.FirstOrDefault(part => part.Name == "Id")?.Value as ScalarValue;
        return id?.Value is int number && Explanations.All.ContainsKey(number) ? Of(number) : null;
    }
}
