using System.Text;
using System.Threading.Channels;
using Qfx.Xen.Store;

namespace Qfx.Guest.Exchange;

/// <summary>Asks dom0 through this VM's request key, and reads the answer from its status key.</summary>
/// <param name="store">This VM's xenstore.</param>
/// <param name="time">Bounds the wait for an answer.</param>
/// <param name="say">Tells the person what goes on.</param>
internal sealed class PenClient(IXenstore store, TimeProvider time, Action<string> say)
{
    /// <summary>How long dom0 may take until it has taken the request, or said something.</summary>
    public static readonly TimeSpan TakenLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take until it says something: it does when a disk is attached, or detached, and bounds each step by half a minute.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(90);

    private const int MostTimes = 3;

    private static readonly XsPath RequestKey = new("device/qpen");
    private static readonly XsPath StatusKey = new("qubes_pen_status");

    /// <summary>
    /// Writes a request and waits for what becomes of it, however long a person takes. Where it was lost with a daemon that ended, it is asked
    /// again if that can do no harm: else a pendrive that is done with would stay, and others would wait behind it.
    /// </summary>
    /// <returns>The last status; null where dom0 shows none, as in 2010: the request was written, and nothing more can be known.</returns>
    /// <exception cref="GuestException">No answer came.</exception>
    public async Task<PenStatus?> AskAsync(string request, CancellationToken cancel)
    {
        var done = request.Split(' ')[0] switch { "umount" => "detached", "cancel" => "cancelled", _ => null };
        for (var times = 1; ; times++)
        {
            var answer = await AskOnceAsync(request, cancel).ConfigureAwait(false);
            if (done is null || answer is null) return answer;
            if (times > 1 && answer.Code == "no-pendrive") return answer with { Code = done, Text = "it had been done already" };
            if (answer.Code != "restarted" || times == MostTimes) return answer;
            say($"{answer.Code}: {answer.Text}");
        }
    }

    private async Task<PenStatus?> AskOnceAsync(string request, CancellationToken cancel)
    {
        var changes = Channel.CreateBounded<Exception?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watch = store.Watch(StatusKey).Subscribe(
            _ => changes.Writer.TryWrite(null),
            error => changes.Writer.TryComplete(error));
        await ChangedAsync(changes.Reader, cancel).ConfigureAwait(false);    // the first event says that it is watched: where no answer could be seen, nothing is asked
        var before = await ReadAsync(cancel).ConfigureAwait(false);
        await WriteAsync(request, cancel).ConfigureAwait(false);
        if (before is null)
        {
            say("dom0 shows no status: it is an old daemon, or none. Going on as in 2010.");
            return null;
        }

        var answer = await FirstAnswerAsync(before, changes.Reader, cancel).ConfigureAwait(false);
        while (answer.IsOpen)
        {
            say($"{answer.Code}: {answer.Text}");
            var shown = answer;
            while (answer == shown)
            {
                await ChangedAsync(changes.Reader, cancel).ConfigureAwait(false);
                answer = await ReadAsync(cancel).ConfigureAwait(false) ?? answer;
            }

            if (answer.N < shown.N) throw new GuestException(ExitCode.Failed, "This VM was saved and restored meanwhile: the pendrive is gone, and nothing of it was sent after that.");
            if (answer.N != shown.N) throw new GuestException(ExitCode.Failed, "Another request of this VM has come between: what became of this one is not known.");
        }

        return answer with { Request = request };
    }

    /// <summary>Whether dom0 shows a status: a daemon of 2010 does not.</summary>
    public async Task<bool> IsAnsweredAsync(CancellationToken cancel) => await ReadAsync(cancel).ConfigureAwait(false) is not null;

    /// <summary>Waits for what the receiver makes of a pendrive that was sent: <c>received</c>, <c>not-received</c>, or why it failed.</summary>
    /// <param name="sent">The status that says that it was sent. Nothing may be asked meanwhile: docs/decisions/0003.</param>
    /// <param name="limit">How long the receiver may take.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="GuestException">It cannot be known.</exception>
    public async Task<PenStatus> OutcomeAsync(PenStatus sent, TimeSpan limit, CancellationToken cancel)
    {
        var changes = Channel.CreateBounded<Exception?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watch = store.Watch(StatusKey).Subscribe(
            _ => changes.Writer.TryWrite(null),
            error => changes.Writer.TryComplete(error));
        using var limited = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancel);
        try
        {
            while (true)
            {
                await ChangedAsync(changes.Reader, either.Token).ConfigureAwait(false);
                if (await ReadAsync(either.Token).ConfigureAwait(false) is not { } now) continue;
                if (now.N < sent.N) throw new GuestException(ExitCode.NotReceived, "This VM was saved and restored meanwhile: whether the files arrived is not known.");
                if (now.N != sent.N) throw new GuestException(ExitCode.NotReceived, "Another request of this VM has come between: whether the files arrived is not known.");
                if (now.Code != sent.Code) return now with { Request = sent.Request };
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new GuestException(ExitCode.NotReceived, $"The receiver did not say within {limit.TotalMinutes:0} minutes that it has everything.");
        }
    }

    /// <summary>Writes a request and does not look back: for the way out.</summary>
    public Task TellAsync(string request, CancellationToken cancel) => WriteAsync(request, cancel);

    private async Task<PenStatus> FirstAnswerAsync(PenStatus before, ChannelReader<Exception?> changes, CancellationToken cancel)
    {
        using var taken = new CancellationTokenSource(TakenLimit, time);
        using var answered = new CancellationTokenSource(AnswerLimit, time);
        if (await NewStatusAsync(before, changes, taken.Token, cancel).ConfigureAwait(false) is { } soon) return soon;

        // Taking is consuming: an empty key shows that somebody is there, and at work.
        if (await store.TryReadAsync(RequestKey, cancel).ConfigureAwait(false) is not { Length: 0 })
            throw new GuestException(ExitCode.NoAnswer, $"The daemon in dom0 does not answer ({TakenLimit.TotalSeconds:0} s). Is qfilexchgd running there?");
        return await NewStatusAsync(before, changes, answered.Token, cancel).ConfigureAwait(false)
            ?? throw new GuestException(ExitCode.NoAnswer, $"The daemon in dom0 has taken the request, and says nothing about it ({AnswerLimit.TotalSeconds:0} s). Its journal may tell why.");
    }

    /// <returns>The first status with another number; null when the time is up.</returns>
    private async Task<PenStatus?> NewStatusAsync(PenStatus before, ChannelReader<Exception?> changes, CancellationToken limit, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit, cancel);
        try
        {
            while (true)
            {
                if (await ReadAsync(either.Token).ConfigureAwait(false) is { } now && now.N != before.N) return now;
                await ChangedAsync(changes, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <exception cref="GuestException">The status cannot be watched any more.</exception>
    private static async Task ChangedAsync(ChannelReader<Exception?> changes, CancellationToken cancel)
    {
        try
        {
            await changes.ReadAsync(cancel).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new GuestException(ExitCode.NoAnswer, $"What dom0 answers cannot be seen: {e.InnerException?.Message ?? "xenstore is gone"}", e);
        }
    }

    private async Task WriteAsync(string request, CancellationToken cancel)
    {
        try
        {
            await store.WriteAsync(RequestKey, Encoding.ASCII.GetBytes(request), cancel).ConfigureAwait(false);
        }
        catch (XenstoreException e) when (e.Error == XsError.EACCES || e.Error == XsError.ENOENT)
        {
            throw new GuestException(ExitCode.NoAnswer, "This VM has no key to ask dom0 with: the daemon does not run there, or leaves this VM out.", e);
        }
    }

    private async Task<PenStatus?> ReadAsync(CancellationToken cancel) =>
        await store.TryReadAsync(StatusKey, cancel).ConfigureAwait(false) is { } value ? PenStatus.Parse(value) ?? new(0, "unreadable", "") : null;
}
