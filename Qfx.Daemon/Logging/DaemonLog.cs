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

    [LoggerMessage(1004, LogLevel.Critical, "Cannot go on: {Reason}")]
    public static partial void CannotGoOn(this ILogger log, string reason);

    [LoggerMessage(1005, LogLevel.Warning, "{Count} images of an earlier run are still held by VMs that did not let go; they stay until the next start")]
    public static partial void StillHeld(this ILogger log, int count);

    [LoggerMessage(1016, LogLevel.Information, "Goes on with {Count} pendrives of an earlier run")]
    public static partial void TakenUp(this ILogger log, int count);

    [LoggerMessage(1018, LogLevel.Warning, "Ends {Vm}, domain {Domid}: an earlier run restored it and had not written down whose it is")]
    public static partial void EndsUnrecorded(this ILogger log, string vm, int domid);

    [LoggerMessage(1017, LogLevel.Warning, "Who may have {Pendrive} could not be written down, a restart of the daemon would end it: {Reason}")]
    public static partial void NotWrittenDown(this ILogger log, string pendrive, string reason);

    [LoggerMessage(1019, LogLevel.Error, "The deleted image {Path} could not be overwritten: {Reason}")]
    public static partial void NotOverwritten(this ILogger log, string path, string reason);

    [LoggerMessage(1020, LogLevel.Warning, "That a request was taken could not be noted: {Reason}")]
    public static partial void NotNoted(this ILogger log, string reason);

    [LoggerMessage(1006, LogLevel.Warning, "{Path} is no record of a disposable VM: that VM may do nothing but end")]
    public static partial void RecordBroken(this ILogger log, string path);

    [LoggerMessage(1007, LogLevel.Information, "Configuration read again; changed: {Changes}")]
    public static partial void ConfigurationRead(this ILogger log, string changes);

    [LoggerMessage(1008, LogLevel.Error, "Configuration: {Problem}")]
    public static partial void ConfigurationBroken(this ILogger log, string problem);

    [LoggerMessage(1009, LogLevel.Error, "Configuration: what is in the files now cannot be used; nothing was changed")]
    public static partial void ConfigurationKept(this ILogger log);

    [LoggerMessage(1014, LogLevel.Warning, "Configuration: {Setting} = {Value} holds from the next start of the daemon")]
    public static partial void NeedsRestart(this ILogger log, string setting, string value);

    [LoggerMessage(1015, LogLevel.Error, "There is no control socket: {Reason}")]
    public static partial void NoControl(this ILogger log, string reason);

    [LoggerMessage(1010, LogLevel.Information, "Policy: {Count} lines in {Folder}")]
    public static partial void PolicyRead(this ILogger log, string folder, int count);

    [LoggerMessage(1011, LogLevel.Error, "Policy: {Place}: {Problem}")]
    public static partial void PolicyBroken(this ILogger log, string place, string problem);

    [LoggerMessage(1012, LogLevel.Error, "Policy: what is in {Folder} now cannot be used; the {Count} lines that were read before stay in force")]
    public static partial void PolicyKept(this ILogger log, string folder, int count);

    [LoggerMessage(1013, LogLevel.Error, "Policy: there is none in {Folder}, so everything is denied")]
    public static partial void PolicyMissing(this ILogger log, string folder);

    [LoggerMessage(2001, LogLevel.Debug, "Begun: {Effect}")]
    public static partial void EffectBegun(this ILogger log, string effect);

    [LoggerMessage(2002, LogLevel.Debug, "Ended: {Effect} with {Outcome} in {ElapsedMs} ms")]
    public static partial void EffectEnded(this ILogger log, string effect, string outcome, long elapsedMs);

    [LoggerMessage(2003, LogLevel.Debug, "Overwritten and removed: {Path}")]
    public static partial void Overwritten(this ILogger log, string path);

    [LoggerMessage(2004, LogLevel.Warning, "Domain {Domid} may have kept a dead {Vdev} from before it was saved: {Reason}")]
    public static partial void DeadDiskKept(this ILogger log, int domid, string vdev, string reason);

    [LoggerMessage(3001, LogLevel.Information, "{Vm} ({Domid}) {Pendrive} {To}: {Code}: {Text}")]
    public static partial void Done(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(3002, LogLevel.Information, "{Vm} ({Domid}) {Pendrive} {To}: refused, {Code}: {Text}")]
    public static partial void Refused(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(3003, LogLevel.Warning, "{Vm} ({Domid}) {Pendrive} {To}: {Code}: {Text}")]
    public static partial void Trouble(this ILogger log, string vm, int domid, string pendrive, string to, string code, string text);

    [LoggerMessage(3010, LogLevel.Information,
        "{Service} {Vm} ({Domid}) -> {To}, {Pendrive}: {Decision} ({Code}) by {By}, line {Rule}, after {ElapsedMs} ms, {Written} bytes: {Text}")]
    public static partial void Decision(
        this ILogger log, string service, string vm, int domid, string to, string pendrive, string decision, string code, string rule, string by,
        long elapsedMs, long written, string text);

    [LoggerMessage(3011, LogLevel.Warning, "The person could not be told {Notice} about {Vm} {To}: {Reason}")]
    public static partial void NotTold(this ILogger log, string notice, string vm, string to, string reason);

    [LoggerMessage(3012, LogLevel.Information, "A question waits: {Reason}")]
    public static partial void QuestionWaits(this ILogger log, string reason);

    [LoggerMessage(3013, LogLevel.Information, "The question about {Vm} is shown to {User} in session {Session} by {Tool}")]
    public static partial void QuestionIsShown(this ILogger log, string vm, string user, string session, string tool);

    [LoggerMessage(3014, LogLevel.Information, "The question about {Vm} is shown again: {Reason}")]
    public static partial void QuestionShownAgain(this ILogger log, string vm, string reason);

    [LoggerMessage(3015, LogLevel.Warning, "It cannot be seen when a question is on the screen {Display}, so an answer counts later: {Reason}")]
    public static partial void ScreenNotSeen(this ILogger log, string display, string reason);

    [LoggerMessage(4001, LogLevel.Warning, "The status of domain {Domid} could not be written: {Reason}")]
    public static partial void StatusNotWritten(this ILogger log, int domid, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "The connection to xenstored is lost: {Reason} It is tried again until it is there; requests of VMs wait until then")]
    public static partial void StoreLost(this ILogger log, string reason);

    [LoggerMessage(4003, LogLevel.Information, "Connected to xenstored again; everything is watched and read anew")]
    public static partial void StoreBack(this ILogger log);
}
