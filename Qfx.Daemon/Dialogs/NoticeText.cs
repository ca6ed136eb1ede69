using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>The words of a notice: ours, but for names of VMs.</summary>
internal static class NoticeText
{
    private const string Journal = "The journal says why: journalctl -t qfilexchgd.";

    /// <returns>A title, a sentence or two, and whether something is wrong.</returns>
    public static (string Title, string Text, bool Urgent) Of(ExchangeCommand.Notify notice)
    {
        var about = notice.About?.ToString() ?? "a VM";
        var other = notice.Other?.ToString() ?? "another VM";
        return notice.Kind switch
        {
            NoticeKind.Sent => ("Files sent", $"{other} has the files of {about}.", false),
            NoticeKind.Received => ("Files received", $"{other} has taken everything from {about}.", false),
            NoticeKind.NotReceived => ("Files not received", $"{other} has not taken everything from {about}. Send them again.", true),
            NoticeKind.Waits => ("Files wait", $"The files of {about} wait until {other} is done with another pendrive.", false),
            NoticeKind.TransferFailed => ("Files not sent", $"The files of {about} did not reach {other}. {Journal}", true),
            NoticeKind.NotLetGo => ("Pendrive in use", $"{about} does not let go of a pendrive: unmount it there, or shut {about} down.", true),
            NoticeKind.NoRoom => ("No room", $"There is no room in dom0 for a pendrive of {about}. Make room in the spool's file system.", true),
            NoticeKind.RefusedByPolicy => ("Refused", $"The policy does not let {about} send to {other}.", false),
            NoticeKind.AllowedByPolicy => ("Allowed", $"The policy lets {about} send to {other} without a question.", false),
            NoticeKind.RefusedNoReceiver => ("Refused", $"{about} wanted to send files to {other}, which does not run. Start it and try again.", false),
            NoticeKind.Unanswered => ("Not answered", $"Nobody answered the question of {about}, so its files stay there.", false),
            NoticeKind.SavefileUpdating => ("Disposable VMs", "Updating DisposableVM savefile, please wait.", false),
            NoticeKind.SavefileUpdateFailed => ("Disposable VMs", $"The DisposableVM savefile could not be updated. {Journal}", true),
            NoticeKind.NotEnoughMemory => ("Disposable VMs", $"There is not enough memory for a disposable VM for {about}: end a VM and try again.", true),
            NoticeKind.DisposableFailed => ("Disposable VMs", $"A file of {about} could not be opened in a disposable VM. {Journal}", true),
            NoticeKind.DisposableEnded => ("Disposable VMs", $"A disposable VM of {about} has ended without giving anything back.", false),
            NoticeKind.ReplyWaits => ("Disposable VMs", $"A file for {about} waits until it is done with its other pendrive.", false),
            NoticeKind.PendriveForgotten => ("Forgotten pendrive", $"{about} has had the files of {other} for over an hour: unmount the pendrive there.", false),
            NoticeKind.ReplyLost => ("Disposable VMs", $"What a disposable VM wanted to give back to {about} is lost. {Journal}", true),
            _ => ("qfilexchgd", $"Something happened to {about}. {Journal}", true),
        };
    }
}
