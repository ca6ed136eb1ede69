using Serilog.Core;
using Serilog.Events;

namespace Qfx.Daemon.Logging;

/// <summary>How much is logged: it can change while the daemon runs.</summary>
internal sealed class LogLevels(LogEventLevel least)
{
    /// <summary>For the logger.</summary>
    public LoggingLevelSwitch Switch { get; } = new(least);

    public LogEventLevel Least
    {
        get => Switch.MinimumLevel;
        set => Switch.MinimumLevel = value;
    }
}
