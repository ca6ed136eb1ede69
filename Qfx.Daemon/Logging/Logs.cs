using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace Qfx.Daemon.Logging;

/// <summary>Where log lines go: the journal under systemd, else the console.</summary>
internal static class Logs
{
    /// <summary>Under systemd, stderr is connected to the journal and this variable says so. systemd.exec(5), JOURNAL_STREAM.</summary>
    private const string UnderSystemd = "JOURNAL_STREAM";

    /// <param name="levels">What is logged; it may change.</param>
    public static ILoggerFactory Create(LogLevels levels)
    {
        var configuration = new LoggerConfiguration().MinimumLevel.ControlledBy(levels.Switch);
        configuration = Environment.GetEnvironmentVariable(UnderSystemd) is { Length: > 0 }
            ? configuration.WriteTo.Journald(identifier: "qfilexchgd", fieldPrefix: "QFX_", messageId: MessageIds.Of)
            : configuration.WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture);
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }
}
