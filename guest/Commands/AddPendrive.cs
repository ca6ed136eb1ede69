using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Xen.Store;

namespace Qfx.Guest.Commands;

/// <summary><c>qubes_add_pendrive_script</c>: run when a pendrive has come at xvdh. Here, the plain copy.</summary>
internal static class AddPendrive
{
    public const string Usage = """
        usage: qubes_add_pendrive_script         takes what has come at xvdh; run by udev
        """;

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);

    public static async Task<ExitCode> RunAsync(
        string[] arguments, GuestHost host, IXenstore store, PenClient pen, TimeProvider time, Action<string> say, CancellationToken cancel)
    {
        if (arguments.Length > 0) throw new GuestException(ExitCode.Usage, Usage);
        var sender = await store.TryReadTextAsync(new XsPath("qubes_blocksrc"), cancel).ConfigureAwait(false) ?? "";
        var seq = await store.TryReadTextAsync(new XsPath("qubes_transaction_seq"), cancel).ConfigureAwait(false) ?? "0";
        if (seq != "0") throw new GuestException(ExitCode.Unsupported, "This is an exchange with a disposable VM, which this build does not take part in.");
        if (!VmNames.IsLegal(sender)) sender = "unknown";
        try
        {
            await Device.AppearedAsync(host.Arrived, DeviceLimit, time, cancel).ConfigureAwait(false);
            say($"A pendrive from {sender} has come.");
            var (where, whole) = await host.Pendrive.TakeAsync(host.Arrived, sender, cancel).ConfigureAwait(false);
            var answer = await pen.AskAsync(whole is true ? "umount ok" : "umount", cancel).ConfigureAwait(false);
            if (whole is true) say($"The files from {sender} are in {where}.");
            if (answer is null or { IsGood: true }) return ExitCode.Ok;
            say($"{answer.Code}: {answer.Text}");
            return ExitCode.Refused;
        }
        catch (Exception e) when (e is GuestException { Exit: not ExitCode.NoAnswer } or TimeoutException or OperationCanceledException)
        {
            await pen.TellAsync("umount failed", CancellationToken.None).ConfigureAwait(false);
            if (e is TimeoutException) throw new GuestException(ExitCode.Failed, e.Message, e);
            throw;
        }
    }
}
