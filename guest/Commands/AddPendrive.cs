using Qfx.Guest.Archive;
using Qfx.Guest.Desktop;
using Qfx.Guest.Disposable;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;

namespace Qfx.Guest.Commands;

/// <summary><c>qubes_add_pendrive_script</c>: run when a pendrive has come at xvdh. Here, the plain copies: with a file system, and as an archive.</summary>
internal static class AddPendrive
{
    public const string Usage = """
        usage: qubes_add_pendrive_script         takes what has come at xvdh; run by udev
        """;

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockLimit = TimeSpan.FromMinutes(10);    // longer than a question stays on the screen

    public static async Task<ExitCode> RunAsync(Call call)
    {
        if (call.Arguments.Length > 0) throw new GuestException(ExitCode.Usage, Usage);
        var arrival = await Arrival.ReadAsync(await call.StoreAsync().ConfigureAwait(false), call.Cancel).ConfigureAwait(false)
            ?? throw new GuestException(ExitCode.Failed, "dom0 says nothing of a pendrive, so what is at xvdh is left alone.");
        return arrival.Seq == 0
            ? await TakeCopyAsync(call, arrival).ConfigureAwait(false)
            : await RawArrival.RunAsync(call, arrival).ConfigureAwait(false);
    }

    private static async Task<ExitCode> TakeCopyAsync(Call call, Arrival arrival)
    {
        var host = call.Host;
        var pen = await call.PenAsync().ConfigureAwait(false);
        var notice = new Notification(null);
        try
        {
            var owner = host.IsSimulated ? null : await GuestUser.FindAsync(host.Settings.User, call.Cancel).ConfigureAwait(false);
            notice = new(owner);
            await Device.AppearedAsync(host.Arrived, DeviceLimit, call.Time, call.Cancel).ConfigureAwait(false);
            call.Say($"A pendrive from {arrival.Sender} has come ({(arrival.Kind is { } kind ? Printable.Of(kind) : "of no kind")}).");
            var whole = arrival.Kind == "archive"
                ? await TakeArchiveAsync(call, arrival, owner, notice).ConfigureAwait(false)
                : await TakeVolumeAsync(call, arrival, owner, notice).ConfigureAwait(false);
            var request = whole switch { true => "umount ok", false => "umount failed", null => "umount" };
            using var held = await WaitAsync(call).ConfigureAwait(false);
            if (held is null) await pen.TellAsync(request, call.Cancel).ConfigureAwait(false);
            var answer = held is null ? null : await pen.AskAsync(request, call.Cancel).ConfigureAwait(false);
            if (answer is null or { IsGood: true }) return whole is false ? ExitCode.NotReceived : ExitCode.Ok;
            call.Say($"{answer.Code}: {answer.Text}");
            return ExitCode.Refused;
        }
        catch (Exception e) when (e is GuestException { Exit: not ExitCode.NoAnswer } or TimeoutException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            await pen.TellAsync("umount failed", CancellationToken.None).ConfigureAwait(false);
            if (e is not OperationCanceledException) await notice.ShowAsync($"Nothing was taken from {arrival.Sender}", e.Message, CancellationToken.None).ConfigureAwait(false);
            if (e is TimeoutException or UnauthorizedAccessException) throw new GuestException(ExitCode.Failed, e.Message, e);
            throw;
        }
    }

    /// <summary>
    /// After a question that is open, if there is one. Not for ever: two VMs that move files to each other at the same time would wait
    /// for each other's <c>umount ok</c>; after this, both learn that they do not know, and delete nothing.
    /// </summary>
    private static async Task<GuestLock?> WaitAsync(Call call)
    {
        using var limited = new CancellationTokenSource(LockLimit, call.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, call.Cancel);
        try
        {
            return await GuestLock.WaitAsync(call.Host.RunFolder, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.Cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Mounted, shown, and over when the person has unmounted it.</summary>
    private static async Task<bool?> TakeVolumeAsync(Call call, Arrival arrival, GuestUser? owner, Notification notice)
    {
        var (where, whole) = await call.Host.Pendrive.TakeAsync(
            call.Host.Arrived,
            arrival.Sender,
            owner,
            place => notice.ShowAsync($"Files from {arrival.Sender}", $"They are in {place}. Unmount it when you are done with it.", call.Cancel),
            call.Cancel).ConfigureAwait(false);
        if (whole is true) call.Say($"The files from {arrival.Sender} are in {where}.");
        return whole;
    }

    /// <summary>Unpacked by a program that is the person's, not root's: what it reads is hostile.</summary>
    private static async Task<bool?> TakeArchiveAsync(Call call, Arrival arrival, GuestUser? owner, Notification notice)
    {
        var host = call.Host;
        if (host.IsSimulated)
        {
            await using var source = new FileStream(host.Arrived, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Directory.CreateDirectory(host.Incoming);
            var (report, folder) = IncomingFolder.Take(source, host.Incoming, arrival.Sender, Unpack.Limits(host.Settings), call.Cancel);
            call.Say(report.Text(arrival.Sender, folder));
            return report.IsWhole;
        }

        if (owner is null) throw new GuestException(ExitCode.Failed, "Nobody works in this VM: add a user to the group qfx, or name one in qfx-guest.conf.");
        var (exit, said) = await UnpackProcess.RunAsync(host.Arrived, arrival.Sender, owner, call.Cancel).ConfigureAwait(false);
        if (exit is not (ExitCode.Ok or ExitCode.NotReceived)) throw new GuestException(ExitCode.Failed, said);
        call.Say(said);
        await notice.ShowAsync($"Files from {arrival.Sender}", said, call.Cancel).ConfigureAwait(false);
        return exit == ExitCode.Ok;
    }
}
