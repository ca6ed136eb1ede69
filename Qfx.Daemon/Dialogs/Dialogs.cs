using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>Nobody is there to be asked: a question is never shown.</summary>
internal sealed class NobodyDialogs : IDialogs
{
    public async Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel)
    {
        var never = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancel.Register(() => never.TrySetCanceled(cancel)).ConfigureAwait(false);
        return await never.Task.ConfigureAwait(false);
    }
}

/// <summary>The demo's person, who says yes. Not to be had from the configuration file.</summary>
internal sealed class YesDialogs : IDialogs
{
    public Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel)
    {
        shown();
        return Task.FromResult(true);
    }
}
