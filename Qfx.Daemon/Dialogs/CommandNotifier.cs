using Qfx.Daemon.Processes;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>Has a program tell the person.</summary>
/// <param name="program">Started with two arguments: a heading and a sentence or two.</param>
internal sealed class CommandNotifier(string program) : INotifier
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task TellAsync(ExchangeCommand.Notify notice, CancellationToken cancel)
    {
        var (title, text, _) = NoticeText.Of(notice);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        try
        {
            var result = await ProcessRunner.RunAsync(new(program, title, text) { Environment = ProcessRunner.CleanEnvironment }, limited.Token).ConfigureAwait(false);
            if (result.Exit != 0) throw new IOException($"{program} ended with exit code {result.Exit}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"{program} did not end within {Limit.TotalSeconds} s");
        }
    }
}
