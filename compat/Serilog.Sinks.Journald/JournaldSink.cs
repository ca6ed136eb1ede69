using System.Globalization;
using System.Net.Sockets;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Serilog.Sinks.Journald;

/// <summary>One journal entry an event.</summary>
/// <remarks>
/// MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, MESSAGE_TEMPLATE, MESSAGE_ID and EXCEPTION if there is one, and each property: systemd.journal-fields(7).
/// The parts of a structure are fields of their own, such as EVENTID_ID, so that the journal can be filtered on them.
/// </remarks>
internal sealed class JournaldSink(string identifier, string fieldPrefix, Func<LogEvent, string?> messageId, JournalSocket socket) : ILogEventSink, IDisposable
{
    /// <summary>Strings without the quotes that Serilog would put around them.</summary>
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    public void Emit(LogEvent logEvent)
    {
        var entry = new JournalEntry();
        entry.Add("MESSAGE", MessageOf(logEvent));
        entry.Add("PRIORITY", PriorityOf(logEvent.Level));
        entry.Add("SYSLOG_IDENTIFIER", identifier);
        entry.Add("MESSAGE_TEMPLATE", logEvent.MessageTemplate.Text);
        if (messageId(logEvent) is { } id) entry.Add("MESSAGE_ID", id);
        if (logEvent.Exception is { } exception) entry.Add("EXCEPTION", exception.ToString());
        foreach (var (name, value) in logEvent.Properties) Add(entry, fieldPrefix + name, value);
        try
        {
            socket.Send(entry.Bytes);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            SelfLog.WriteLine("the journal did not take an entry: {0}", e.Message);
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>With what an exception says at its end, since journalctl shows no other field by itself.</summary>
    private static string MessageOf(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, text);
        if (logEvent.Exception is { } exception) text.Write($": {exception.GetType().Name}: {exception.Message}");
        return text.ToString();
    }

    /// <summary>A syslog level: sd-daemon(3).</summary>
    private static string PriorityOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => "2",          // LOG_CRIT
        LogEventLevel.Error => "3",          // LOG_ERR
        LogEventLevel.Warning => "4",        // LOG_WARNING
        LogEventLevel.Information => "6",    // LOG_INFO
        _ => "7",                            // LOG_DEBUG
    };

    private static void Add(JournalEntry entry, string name, LogEventPropertyValue value)
    {
        switch (value)
        {
            case ScalarValue { Value: null }:
                break;
            case ScalarValue { Value: string text }:
                entry.Add(name, text);
                break;
            case ScalarValue { Value: var scalar }:
                entry.Add(name, Convert.ToString(scalar, CultureInfo.InvariantCulture) ?? "");
                break;
            case StructureValue structure:
                foreach (var part in structure.Properties) Add(entry, $"{name}_{part.Name}", part.Value);
                break;
            default:
                entry.Add(name, value.ToString(null, CultureInfo.InvariantCulture));
                break;
        }
    }
}
