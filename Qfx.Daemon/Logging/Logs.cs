using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Qfx.Daemon.Logging;

/// <summary>Where log lines go: the journal under systemd, else the console.</summary>
internal static class Logs
{
    /// <summary>Under systemd, stderr is connected to the journal and this variable says so. systemd.exec(5), JOURNAL_STREAM.</summary>
    private const string UnderSystemd = "JOURNAL_STREAM";

    public static ILoggerFactory Create(bool verbose) => Create(verbose ? LogEventLevel.Debug : LogEventLevel.Information);

    /// <summary>Only what went wrong.</summary>
    public static ILoggerFactory CreateQuiet() => Create(LogEventLevel.Warning);

    private static SerilogLoggerFactory Create(LogEventLevel least)
    {
        var configuration = new LoggerConfiguration().MinimumLevel.Is(least);
        configuration = Environment.GetEnvironmentVariable(UnderSystemd) is { Length: > 0 }
            ? configuration.WriteTo.Journald(identifier: "qfilexchgd", fieldPrefix: "QFX_", messageId: MessageIds.Of)
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture);
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }
}
