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
    /// <summary>How long dom0 may take to take a request.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private static readonly XsPath RequestKey = new("device/qpen");
    private static readonly XsPath StatusKey = new("qubes_pen_status");

    /// <summary>Writes a request and waits for what becomes of it, however long a person takes.</summary>
    /// <returns>The last status; null where dom0 shows none, as in 2010: the request was written, and nothing more can be known.</returns>
    /// <exception cref="GuestException">No answer came.</exception>
    public async Task<PenStatus?> AskAsync(string request, CancellationToken cancel)
    {
        var changes = Channel.CreateBounded<Exception?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watch = store.Watch(StatusKey).Subscribe(
            _ => changes.Writer.TryWrite(null),
            error => changes.Writer.TryComplete(error));
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
                await changes.Reader.ReadAsync(cancel).ConfigureAwait(false);
                answer = await ReadAsync(cancel).ConfigureAwait(false) ?? answer;
            }

            if (answer.N != shown.N) throw new GuestException(ExitCode.Failed, "Another request of this VM has come between: what became of this one is not known.");
        }

        return answer;
    }

    /// <summary>Writes a request and does not look back: for the way out.</summary>
    public Task TellAsync(string request, CancellationToken cancel) => WriteAsync(request, cancel);

    private async Task<PenStatus> FirstAnswerAsync(PenStatus before, ChannelReader<Exception?> changes, CancellationToken cancel)
    {
        using var limited = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancel);
        try
        {
            while (true)
            {
                if (await ReadAsync(either.Token).ConfigureAwait(false) is { } now && now.N != before.N) return now;
                await changes.ReadAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new GuestException(ExitCode.NoAnswer, $"The daemon in dom0 does not answer ({AnswerLimit.TotalSeconds:0} s). Is qfilexchgd running there?");
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
