using Microsoft.Extensions.Logging;

namespace Qfx.Daemon.Logging;

/// <summary>Every message of the daemon. 1xxx life cycle, 2xxx disks and images, 3xxx the exchange, 4xxx xenstore.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(1001, LogLevel.Information, "Started: spool {Spool}, xenstore {Store}, disks {Devices}, questions {Questions}")]
    public static partial void Started(this ILogger log, string spool, string store, string devices, string questions);

    [LoggerMessage(1002, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger log);

    [LoggerMessage(1003, LogLevel.Warning, "Removed {Count} images that an earlier run left in the spool")]
    public static partial void SpoolSwept(this ILogger log, int count);

    [LoggerMessage(1004, LogLevel.Critical, "Cannot go on")]
    public static partial void CannotGoOn(this ILogger log, Exception error);

    [LoggerMessage(2001, LogLevel.Debug, "Begun: {Effect}")]
    public static partial void EffectBegun(this ILogger log, string effect);

    [LoggerMessage(2002, LogLevel.Debug, "Ended: {Effect} with {Outcome} in {ElapsedMs} ms")]
    public static partial void EffectEnded(this ILogger log, string effect, string outcome, long elapsedMs);

    [LoggerMessage(3001, LogLevel.Information, "{Vm} ({Domid}) {Pendrive} {To}: {Code}: {Text}")]
    public static partial void Done(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(3002, LogLevel.Information, "{Vm} ({Domid}) {Pendrive} {To}: refused, {Code}: {Text}")]
    public static partial void Refused(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(3003, LogLevel.Warning, "{Vm} ({Domid}) {Pendrive} {To}: {Code}: {Text}")]
    public static partial void Trouble(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(4001, LogLevel.Warning, "The status of domain {Domid} could not be written: {Reason}")]
    public static partial void StatusNotWritten(this ILogger log, int domid, string reason);
}
