using System.Threading.Channels;
using Qfx.Xen.Store;

namespace Qfx.Tests.Support;

/// <summary>What a subscriber has seen, one after another.</summary>
internal sealed class Seen : IDisposable
{
    private readonly Channel<string> events = Channel.CreateUnbounded<string>();
    private readonly IDisposable subscription;

    public Seen(IObservable<WatchEvent> watched) => subscription = watched.Subscribe(
        e => events.Writer.TryWrite(e.Path.ToString()),
        e => events.Writer.TryComplete(e));

    public bool IsEmpty => events.Reader.Count == 0;

    public async Task<string> NextAsync()
    {
        try
        {
            return await events.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);
        }
        catch (ChannelClosedException e) when (e.InnerException is { } error)
        {
            throw error;
        }
    }

    public void Dispose() => subscription.Dispose();
}

/// <summary>What the events that come mean.</summary>
internal sealed class SeenKinds : IDisposable
{
    private readonly Channel<WatchKind> kinds = Channel.CreateUnbounded<WatchKind>();
    private readonly IDisposable subscription;

    public SeenKinds(IObservable<WatchEvent> events) => subscription = events.Subscribe(e => kinds.Writer.TryWrite(e.Kind), e => kinds.Writer.TryComplete(e));

    public Task<WatchKind> NextAsync() => kinds.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);

    public void Dispose() => subscription.Dispose();
}
