using Serilog.Configuration;
using Serilog.Events;
using Serilog.Sinks.Journald;

namespace Serilog;

/// <summary>Adds <c>WriteTo.Journald()</c>.</summary>
public static class LoggerConfigurationJournaldExtensions
{
    /// <summary>Where systemd-journald listens.</summary>
    public const string DefaultSocket = "/run/systemd/journal/socket";

    /// <summary>Writes each event as one entry of systemd's journal, each of its properties as a field.</summary>
    /// <param name="configuration">What it is added to.</param>
    /// <param name="identifier">SYSLOG_IDENTIFIER, as <c>journalctl -t</c> takes it; null for the program's name.</param>
    /// <param name="fieldPrefix">
    /// Stands before the name of each property, so that none can be taken for a field of journald's own. What a field's name
    /// cannot have, which is all but A to Z, digits and underscore, becomes an underscore.
    /// </param>
    /// <param name="socketPath">Where journald listens.</param>
    /// <param name="restrictedToMinimumLevel">Events under this level are left out.</param>
    /// <param name="messageId">What kind of message an event is: MESSAGE_ID, 32 hexadecimal digits, by which a catalog explains it; null for none.</param>
    /// <remarks>
    /// Never throws: what journald does not take is told to <see cref="Debugging.SelfLog"/>, and lost. A journald that is
    /// there and does not read holds up the logging thread for at most a second an event.
    /// </remarks>
    public static LoggerConfiguration Journald(
        this LoggerSinkConfiguration configuration,
        string? identifier = null,
        string fieldPrefix = "",
        string socketPath = DefaultSocket,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        Func<LogEvent, string?>? messageId = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(fieldPrefix);
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        identifier ??= Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "dotnet";
        return configuration.Sink(new JournaldSink(identifier, fieldPrefix, messageId ?? (_ => null), new JournalSocket(socketPath)), restrictedToMinimumLevel);
    }
}
