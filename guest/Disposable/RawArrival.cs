using System.Globalization;
using Qfx.Guest.Commands;
using Qfx.Guest.Desktop;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Guest.Opening;

namespace Qfx.Guest.Disposable;

/// <summary>What <c>qubes_add_pendrive_script</c> does with a pendrive that has a SEQ: a document for this disposable VM, or one that comes back to this VM.</summary>
internal static class RawArrival
{
    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ErrorLimit = TimeSpan.FromMinutes(2);

    public static async Task<ExitCode> RunAsync(Call call, Arrival arrival)
    {
        var settings = DvmSettings.FromEnvironment();
        var pen = await call.PenAsync().ConfigureAwait(false);
        var person = call.Host.IsSimulated ? null : await GuestUser.FindAsync(call.Host.Settings.User, call.Cancel).ConfigureAwait(false);
        if (person is null && !call.Host.IsSimulated && Libc.EffectiveUser() == 0)
            throw new GuestException(ExitCode.Failed, "Nobody works in this VM: add a user to the group qfx, or name one in qfx-guest.conf.");
        if (!settings.IsDvm && arrival.Kind is ("request" or "view"))
        {
            await pen.TellAsync("umount failed", call.Cancel).ConfigureAwait(false);
            throw new GuestException(ExitCode.Failed, $"A document has come to be opened here, but this is no disposable VM: {settings.Mark} is missing.");
        }

        if (!settings.IsDvm) return await TakeBackAsync(call, arrival, pen, person).ConfigureAwait(false);
        var session = PersonSession.Of(person);
        return await new DvmVisit(call, arrival, pen, person, new Opener(session, settings.Opener, !call.Host.IsSimulated && Scope.IsThere, call.Say), text => TellAsync(session, text)).RunAsync().ConfigureAwait(false);
    }

    private static async Task<ExitCode> TakeBackAsync(Call call, Arrival arrival, PenClient pen, GuestUser? person)
    {
        var notice = new Notification(person);
        try
        {
            await Device.AppearedAsync(call.Host.Arrived, DeviceLimit, call.Time, call.Cancel).ConfigureAwait(false);
            var said = await StoreAsync(call, arrival, person).ConfigureAwait(false);

            // Only now: whatever becomes of the pendrive, the file is in its place.
            call.Say(said);
            using var held = await GuestLock.WaitAsync(call.Host.RunFolder, call.Cancel).ConfigureAwait(false);
            var answer = await pen.AskAsync(await pen.IsAnsweredAsync(call.Cancel).ConfigureAwait(false) ? "umount ok" : "umount", call.Cancel).ConfigureAwait(false);
            if (answer is { IsGood: false }) call.Say($"{answer.Code}: {answer.Text}");
            await notice.ShowAsync("Back from a disposable VM", said, call.Cancel).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (GuestException e) when (e.Exit is ExitCode.NotReceived)
        {
            // It is not what was sent, and will not become so.
            await pen.TellAsync("umount failed", CancellationToken.None).ConfigureAwait(false);
            await notice.ShowAsync("Nothing was taken back from a disposable VM", e.Message, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (e is GuestException { Exit: not ExitCode.NoAnswer } or TimeoutException or IOException)
        {
            // The disposable VM is gone, and dom0 would delete the only copy: it stays until it can be stored.
            var text = $"{e.Message} It is still at {call.Host.Arrived}: make room for it, then say qubes_add_pendrive_script.";
            await notice.ShowAsync("What came back from a disposable VM is not stored yet", text, CancellationToken.None).ConfigureAwait(false);
            throw new GuestException(ExitCode.Failed, text, e);
        }
    }

    /// <summary>In its place; else, from its beginning once more, in the person's home.</summary>
    private static async Task<string> StoreAsync(Call call, Arrival arrival, GuestUser? person)
    {
        var seq = arrival.Seq.ToString(CultureInfo.InvariantCulture);
        var problem = "";
        foreach (string[] program in (string[][])[["raw-return", seq], ["raw-return", seq, "home"]])
        {
            await using var pendrive = new FileStream(call.Host.Arrived, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var (exit, said) = await PersonProcess.RunAsync(person, program, pendrive, null, call.Cancel).ConfigureAwait(false);
            if (exit == ExitCode.Ok) return said;
            if (exit == ExitCode.NotReceived) throw new GuestException(exit, said);
            if (problem.Length == 0) problem = said;
        }

        throw new GuestException(ExitCode.Failed, problem);
    }

    /// <summary>A window, for a disposable VM has nobody who reads its journal; it ends with the VM, so it is waited for, within bounds.</summary>
    private static async Task TellAsync(PersonSession session, string text)
    {
        if (DesktopTool.Find(session.Variable, File.Exists) is not { } tool || session.Prefix.Count > 0 && !File.Exists("/usr/bin/setpriv")) return;
        using var limit = new CancellationTokenSource(ErrorLimit);
        try
        {
            string[] words = tool.Kind == DesktopKind.Zenity
                ? ["--error", "--no-markup", "--width=480", "--title", "Disposable VM", "--text", Printable.Of(text)]
                : ["--title", "Disposable VM", "--error", Windows.Markup(Printable.Of(text))];
            string[] command = [.. session.Prefix, tool.Program, .. words];
            await Tool.RunAsync(command[0], command[1..], limit.Token, session.Environment).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or GuestException)
        {
            // Nobody closed it, or there is no screen: what was said is in the journal.
        }
    }
}
