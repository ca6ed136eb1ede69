using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Logging;
using Qfx.Daemon.Processes;
using Qfx.Daemon.X11;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>Asks and tells the person at the active graphical seat. Nobody there: it waits.</summary>
/// <remarks>
/// What comes within the first second after the window is on the screen, or after the focus came to it, was meant for something
/// else: it is no answer, and the question is shown again. docs/decisions, "The question".
/// </remarks>
internal sealed class DesktopDialogs(ISeats seats, DialogTool tool, TimeProvider time, ILogger log) : IDialogs, INotifier
{
    /// <summary>An answer counts from so long on.</summary>
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(1);

    /// <summary>The same, from the start of the program on, where it cannot be known when the window is on the screen.</summary>
    public static readonly TimeSpan BlindGuard = TimeSpan.FromSeconds(3);

    /// <summary>So often in a row the program may fail before the question does.</summary>
    private const int MaxFailures = 3;

    private static readonly TimeSpan NoticeLimit = TimeSpan.FromSeconds(10);

    public async Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel) =>
        (await AnswerAsync(new(question, null), shown, cancel).ConfigureAwait(false)).Yes;

    public async Task<DialogAnswer> AnswerAsync(Question question, Action shown, CancellationToken cancel)
    {
        var failures = 0;
        var vm = question.Ask.From.ToString();
        while (true)
        {
            var seat = await SeatAsync(cancel).ConfigureAwait(false);
            using var here = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            using var elsewhere = seats.Active.Where(now => now?.Session != seat.Session).Take(1).Subscribe(_ => here.Cancel());
            try
            {
                var (reply, early, seen) = await ShowAsync(question, seat, shown, here.Token).ConfigureAwait(false);
                failures = seen && reply.Kind != ReplyKind.Broken ? 0 : failures + 1;
                if (failures >= MaxFailures) throw new IOException($"{tool.Name} ended {failures} times without an answer");
                if (reply.Kind == ReplyKind.Broken) continue;
                if (!early) return new(reply.Kind == ReplyKind.Yes, reply.Chosen, $"{seat.User} ({tool.Name})");
                log.QuestionShownAgain(vm, "the answer came before anybody can have read it");
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                log.QuestionShownAgain(vm, "the person has left");
            }
        }
    }

    public async Task TellAsync(ExchangeCommand.Notify notice, CancellationToken cancel)
    {
        if (await seats.Active.Take(1).ToTask(cancel).ConfigureAwait(false) is not { } seat) throw new IOException("nobody is at the screen");
        var (title, text, urgent) = NoticeText.Of(notice);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(NoticeLimit);
        try
        {
            var result = await ProcessRunner.RunAsync(
                Call(seat, "notify-send", ["--app-name=qfilexchgd", $"--urgency={(urgent ? "critical" : "normal")}", "--", title, text]), limited.Token)
                .ConfigureAwait(false);
            if (result.Exit != 0) throw new IOException($"notify-send ended with {result.Exit}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"notify-send did not end within {NoticeLimit.TotalSeconds} s");
        }
    }

    private async Task<Seat> SeatAsync(CancellationToken cancel)
    {
        var said = false;
        return await seats.Active
            .Do(seat =>
            {
                if (seat is not null || said) return;
                said = true;
                log.QuestionWaits("nobody is logged in at the screen, or it is locked");
            })
            .OfType<Seat>()
            .Take(1)
            .ToTask(cancel)
            .ConfigureAwait(false);
    }

    /// <returns>What the program said, whether that came too early to be meant, and whether a window was seen for sure.</returns>
    private async Task<(ToolReply Reply, bool Early, bool Seen)> ShowAsync(Question question, Seat seat, Action shown, CancellationToken cancel)
    {
        var text = QuestionText.Of(question);
        var choosing = !question.Ask.Choices.IsEmpty;
        var names = question.Ask.Choices.OrderByDescending(name => name == question.Ask.Suggested).Select(name => name.ToString()).ToArray();
        var arguments = choosing ? tool.Choose(text, question.Ask.Label, names) : tool.Ask(text, question.Ask.Label);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var screen = await ScreenAsync(seat, cancel).ConfigureAwait(false);
        var guard = new AnswerGuard(time, screen is null ? BlindGuard : Guard);
        void Shown()
        {
            guard.Begin();
            log.QuestionIsShown(question.Ask.From.ToString(), seat.User, seat.Session, tool.Name);
            shown();
        }

        var watching = Task.CompletedTask;
        void Started(int process)
        {
            if (screen is null) Shown();
            else watching = WatchAsync(screen, process, Shown, guard.Begin, over.Token);
        }

        var result = await ProcessRunner.RunAsync(Call(seat, tool.Name, arguments), Started, cancel).ConfigureAwait(false);
        var (early, seen) = (guard.IsEarly, screen is not null && guard.HasBegun);
        await over.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        return (tool.Read(result, choosing), early, seen);
    }

    private static async Task WatchAsync(XConnection screen, int process, Action visible, Action focused, CancellationToken cancel)
    {
        try
        {
            await WindowWatch.RunAsync(screen, process, visible, focused, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It is over; or the screen is gone, and the program with it.
        }
    }

    private async Task<XConnection?> ScreenAsync(Seat seat, CancellationToken cancel)
    {
        if (seat.Display is null) return null;
        try
        {
            return await XConnection.ConnectAsync(seat.Display, seat.Authority, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.ScreenNotSeen(seat.Display, e.Message);
            return null;
        }
    }

    private static ProgramCall Call(Seat seat, string program, IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string>(seat.Environment);
        if (seat.Display is not null)
        {
            environment["GDK_BACKEND"] = "x11";    // where it can be seen when the window is on the screen
            environment["QT_QPA_PLATFORM"] = "xcb";
        }

        return new(program, arguments) { Environment = environment, User = seat.Uid == Identity.Own ? null : seat.User };
    }
}
