using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Images;
using Qfx.Daemon.Logging;
using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Daemon.Runner;

/// <content>The person is asked and told, and what was decided is written down.</content>
internal sealed partial class Effects
{
    /// <summary>Who tells the person; null where nobody does, and the journal has to do.</summary>
    public INotifier? Notifier { get; init; }

    /// <summary>The daemon ends: what is called off then goes on with the next one.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>What one VM may have of the spool; null for no bound but that of all.</summary>
    public SpoolShare? Share { get; init; }

    /// <summary>Told of each status that was written.</summary>
    public ITakenNotes Notes { get; init; } = new NoTakenNotes();

    private async Task<ExchangeEvent?> AskAsync(ExchangeCommand.Ask ask, Action<ExchangeEvent> tell, CancellationToken cancel)
    {
        try
        {
            var written = ask.Pendrive is { } id ? WrittenOn(id) : null;
            var answer = await dialogs.AnswerAsync(
                new(ask, written), () => tell(new ExchangeEvent.QuestionShown(ask.Question, written)), cancel).ConfigureAwait(false);
            return new ExchangeEvent.Answered(ask.Question, answer.Yes, answer.Chosen, answer.By);
        }
        catch (IOException e)
        {
            return new ExchangeEvent.AskFailed(ask.Question, new(StatusCode.Failed, e.Message));
        }
    }

    private async Task<ExchangeEvent?> NotifyAsync(ExchangeCommand.Notify notice, CancellationToken cancel)
    {
        if (Notifier is null) return null;
        try
        {
            await Notifier.TellAsync(notice, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.NotTold(notice.Kind.ToString(), notice.About?.ToString() ?? "", notice.Other?.ToString() ?? "", e.Message);
        }

        return null;
    }

    private void Write(Decided what) => log.Decision(
        what.Service.Word(), what.Name.ToString(), what.From.Domid.Value, what.To?.ToString() ?? "-", what.Pendrive?.ToString() ?? "-",
        what.Allowed ? "allowed" : "denied", what.Code.Word(), what.Rule, what.By, (long)what.Took.TotalMilliseconds, what.Written ?? -1, what.Why);

    /// <summary>Bytes that are on it beyond what it had when it was blank; by the file's size on disk, nothing of it is read.</summary>
    private long? WrittenOn(PendriveId id)
    {
        var image = images.PathOf(FileOf(id));
        return AllocatedSize.Of(image) is { } now ? Math.Max(0, now - (PendriveRecord.Read(image)?.Blank ?? 0)) : null;
    }
}
