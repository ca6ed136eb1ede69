using System.Globalization;
using Qfx.Guest.Commands;
using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Guest.Opening;
using Qfx.Guest.Raw;

namespace Qfx.Guest.Disposable;

/// <summary>In a disposable VM: a document has come. It is opened, given back if it was changed, and the VM asks for its end.</summary>
internal sealed class DvmVisit(Call call, Arrival arrival, PenClient pen, GuestUser? person, Opener opener, Func<string, Task> tell)
{
    private const int MostTimes = 3;

    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(30);

    /// <summary>What was changed is still in this VM, and could not leave it.</summary>
    private bool isUnsent;

    private bool IsView => arrival.Kind == "view";

    /// <summary>Runs it to the end.</summary>
    /// <returns>Ok if the document was opened, and what was changed is on its way.</returns>
    public async Task<ExitCode> RunAsync()
    {
        var exit = ExitCode.Ok;
        try
        {
            var (document, sum) = await TakeAsync().ConfigureAwait(false);
            await LetGoAsync().ConfigureAwait(false);
            call.Say($"Opening {document}");
            if (!await opener.OpenAsync(document, call.Cancel).ConfigureAwait(false))
                throw new GuestException(ExitCode.Unsupported, $"No application here opens {Path.GetFileName(document)}.");
            if (!IsView && await ChangedAsync(document, sum).ConfigureAwait(false) is { } size)
            {
                await GiveAsync(document, size).ConfigureAwait(false);
                return ExitCode.Ok;    // dom0 ends this VM when the answer has left it
            }

            call.Say("Nothing was changed, so nothing goes back.");
        }
        catch (GuestException e) when (e.Exit is not ExitCode.NoAnswer)
        {
            call.Say(e.Message);
            await tell(e.Message).ConfigureAwait(false);
            exit = e.Exit;
            if (isUnsent) return exit;    // the work is here, so here it stays
        }

        await pen.TellAsync("killme", CancellationToken.None).ConfigureAwait(false);
        return exit;
    }

    private async Task<(string Document, string Sum)> TakeAsync()
    {
        try
        {
            await Device.AppearedAsync(call.Host.Arrived, DeviceLimit, call.Time, call.Cancel).ConfigureAwait(false);
            await using var pendrive = new FileStream(call.Host.Arrived, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var said = await AsPersonAsync(["raw-take", IsView ? "view" : "edit"], pendrive, null).ConfigureAwait(false);
            return said.Split('\0') is [var document, var sum] ? (document, sum) : throw new GuestException(ExitCode.Failed, "The document could not be stored.");
        }
        catch (Exception e) when (e is TimeoutException or IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Failed, e.Message, e);
        }
    }

    /// <summary>The document is here: whatever dom0 says to that, it can be opened.</summary>
    private async Task LetGoAsync()
    {
        try
        {
            using var held = await HoldAsync().ConfigureAwait(false);
            await AskAsync("umount ok", "umount").ConfigureAwait(false);
        }
        catch (GuestException e)
        {
            call.Say(e.Message);
        }
    }

    /// <summary>Its size; null if it is as it came. Where that cannot be told, somebody's work may be here, and nowhere else.</summary>
    private async Task<long?> ChangedAsync(string document, string sum)
    {
        try
        {
            var word = await AsPersonAsync(["raw-look", document, sum], null, null).ConfigureAwait(false);
            if (word == "same") return null;
            return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
                : throw new GuestException(ExitCode.Refused, $"{Printable.Of(document)} is not there any more, so nothing is given back.");
        }
        catch (Exception e) when (e is GuestException or IOException)
        {
            isUnsent = true;
            throw new GuestException(ExitCode.Refused, $"{e.Message} If it was saved under another name it is still in this VM, which stays until you end it.", e);
        }
    }

    private async Task GiveAsync(string document, long size)
    {
        try
        {
            using var held = await HoldAsync().ConfigureAwait(false);
            var mib = RawPendrive.MiB(size);
            var raw = mib <= 1000 ? "new raw" : string.Create(CultureInfo.InvariantCulture, $"new raw {mib}");
            await OpenInDvm.GetAsync(call, AskAgainAsync(await pen.IsAnsweredAsync(call.Cancel).ConfigureAwait(false) ? raw : "new")).ConfigureAwait(false);
            await using (var pendrive = new FileStream(call.Host.Outgoing, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
            {
                await AsPersonAsync(["raw-give", document], null, pendrive).ConfigureAwait(false);
                pendrive.Flush(flushToDisk: true);
            }

            call.Say($"Giving it back to {arrival.Sender}.");
            var send = string.Create(CultureInfo.InvariantCulture, $"send {arrival.Sender} {arrival.Seq}");
            await AskAsync(send, send).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GuestException or IOException or UnauthorizedAccessException)
        {
            isUnsent = true;
            throw new GuestException(ExitCode.Refused, $"What was changed could not be given back: {e.Message} It is in {document}, and this VM stays until you end it.", e);
        }
    }

    /// <summary>No other program of this VM asks meanwhile.</summary>
    private Task<GuestLock> HoldAsync() => GuestLock.WaitAsync(call.Host.RunFolder, call.Cancel);

    /// <summary>A word to dom0, as it knows it.</summary>
    private async Task AskAsync(string request, string of2010)
    {
        var answer = await AskAgainAsync(await pen.IsAnsweredAsync(call.Cancel).ConfigureAwait(false) ? request : of2010).ConfigureAwait(false);
        if (answer is { IsGood: false }) throw new GuestException(ExitCode.Refused, $"{answer.Code}: {answer.Text}");
    }

    /// <summary>
    /// A daemon that was started anew does not carry out what it finds. Here it is asked again: this VM has one reply, whatever it asks, and
    /// if none leaves it the person's work is lost with it. A pendrive that may have come meanwhile is empty.
    /// </summary>
    private async Task<PenStatus?> AskAgainAsync(string request)
    {
        for (var times = 1; ; times++)
        {
            var answer = await pen.AskAsync(request, call.Cancel).ConfigureAwait(false);
            if (answer is not { Code: "restarted" } || times == MostTimes) return answer;
            call.Say($"{answer.Code}: {answer.Text}");
            if (request.StartsWith("new", StringComparison.Ordinal)) await pen.AskAsync("cancel", call.Cancel).ConfigureAwait(false);
        }
    }

    private async Task<string> AsPersonAsync(string[] program, Stream? input, Stream? output)
    {
        var (exit, said) = await PersonProcess.RunAsync(person, program, input, output, call.Cancel).ConfigureAwait(false);
        return exit == ExitCode.Ok ? said : throw new GuestException(exit, said);
    }
}
