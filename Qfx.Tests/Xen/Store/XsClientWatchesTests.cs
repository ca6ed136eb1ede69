using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Text;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

public sealed class XsClientWatchesTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly XsClient client;
    private readonly ScriptedPeer peer;

    public XsClientWatchesTests() => (client, peer) = ScriptedPeer.Connect();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_sent_before_somebody_subscribes()
    {
        _ = client.Watch(A);
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task The_first_event_may_come_before_the_answer()
    {
        using var seen = new Seen(client.Watch(A));
        var watch = await peer.NextAsync();
        Assert.Equal((XsType.Watch, $"/a|{watch.Token}|"), (watch.Type, watch.Payload));
        await peer.EventAsync("/a", watch.Token);
        Assert.Equal("/a", await seen.NextAsync());
        await peer.AnswerAsync(watch);
        await peer.EventAsync("/a/b/c", watch.Token);
        Assert.Equal("/a/b/c", await seen.NextAsync());
    }

    [Fact]
    public async Task An_event_of_an_own_write_may_come_before_the_answer_to_the_write()
    {
        using var seen = new Seen(client.Watch(A));
        var watch = await peer.NextAsync();
        await peer.AnswerAsync(watch);
        var write = client.WriteAsync(A, default);
        var request = await peer.NextAsync();
        await peer.EventAsync("/a", watch.Token);
        Assert.Equal("/a", await seen.NextAsync());
        Assert.False(write.IsCompleted);
        await peer.AnswerAsync(request);
        await write.WaitAsync(ScriptedPeer.Patience);
    }

    [Fact]
    public async Task Subscriptions_to_one_path_have_tokens_and_events_of_their_own()
    {
        var watched = client.Watch(A);
        using var first = new Seen(watched);
        using var second = new Seen(watched);
        var one = await peer.NextAsync();
        var two = await peer.NextAsync();
        Assert.NotEqual(one.Token, two.Token);
        await peer.EventAsync("/a/2", two.Token);
        await peer.EventAsync("/a/1", one.Token);
        Assert.Equal("/a/1", await first.NextAsync());
        Assert.Equal("/a/2", await second.NextAsync());
    }

    [Fact]
    public async Task Disposal_sends_unwatch_and_late_events_are_dropped()
    {
        var seen = new Seen(client.Watch(A));
        var watch = await peer.NextAsync();
        await peer.AnswerAsync(watch);
        seen.Dispose();
        var unwatch = await peer.ExpectAsync(XsType.Unwatch, watch.Payload);
        await peer.EventAsync("/a", watch.Token);
        await peer.AnswerAsync(unwatch);
        await peer.EventAsync("/a", watch.Token);
        await peer.ExpectNothingBeforeAsync(client);
        Assert.True(seen.IsEmpty);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ENOENT")]
    public async Task Disposal_before_the_answer_leaves_no_watch_behind(string? refusal)
    {
        new Seen(client.Watch(A)).Dispose();
        var watch = await peer.NextAsync();
        var unwatch = await peer.ExpectAsync(XsType.Unwatch, watch.Payload);
        foreach (var request in new[] { watch, unwatch })
        {
            await (refusal is null ? peer.AnswerAsync(request) : peer.RefuseAsync(request, refusal));
        }

        await peer.ExpectNothingBeforeAsync(client);
    }

    [Theory]
    [InlineData("77")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    [InlineData("FE:libxl")]
    public async Task An_event_for_an_unknown_token_is_ignored(string token)
    {
        using var seen = new Seen(client.Watch(A));
        await peer.AnswerAsync(await peer.NextAsync());
        await peer.EventAsync("/a", token);
        await peer.ExpectNothingBeforeAsync(client);
        Assert.True(seen.IsEmpty);
    }

    [Fact]
    public async Task An_event_with_a_path_that_is_none_still_means_look_again()
    {
        using var seen = new Seen(client.Watch(A));
        await peer.EventAsync("/a//ü", (await peer.NextAsync()).Token);
        Assert.Equal("/a", await seen.NextAsync());
    }

    [Fact]
    public async Task A_refusal_is_the_watchs_error_and_needs_no_unwatch()
    {
        using var seen = new Seen(client.Watch(A));
        await peer.RefuseAsync(await peer.NextAsync(), "E2BIG");
        var e = await Assert.ThrowsAsync<XenstoreException>(seen.NextAsync);
        Assert.Equal((XsType.Watch, "/a", XsError.E2BIG), (e.Op, e.Path, e.Error));
        seen.Dispose();
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_subscriber_may_ask_watch_and_leave_while_it_handles_an_event()
    {
        var answer = client.Watch(A).Take(1)
            .SelectMany(_ => client.Watch(new("/b")).Take(1))
            .SelectMany(_ => client.ReadAsync(A))
            .ToTask();
        var first = await peer.NextAsync();
        await peer.EventAsync("/a", first.Token);
        var second = await peer.ExpectAsync(XsType.Watch, "/b|2|");
        await peer.GrantAsync(XsType.Unwatch, first.Payload);
        await peer.EventAsync("/b", second.Token);
        await peer.GrantAsync(XsType.Read, "/a|", "v");
        await peer.GrantAsync(XsType.Unwatch, second.Payload);
        Assert.Equal("v", Encoding.ASCII.GetString(await answer.WaitAsync(ScriptedPeer.Patience)));
    }

    [Fact]
    public async Task A_lost_connection_is_the_error_of_every_watch_and_of_later_ones()
    {
        using var first = new Seen(client.Watch(A));
        using var second = new Seen(client.Watch(new("/b")));
        await peer.NextAsync();
        await peer.NextAsync();
        await peer.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(first.NextAsync);
        await Assert.ThrowsAsync<XenstoreConnectionException>(second.NextAsync);
        using var later = new Seen(client.Watch(A));
        await Assert.ThrowsAsync<XenstoreConnectionException>(later.NextAsync);
    }

    [Fact]
    public async Task A_subscriber_that_throws_ends_the_connection_with_its_exception()
    {
        var mistake = new InvalidOperationException("a mistake");
        using var other = new Seen(client.Watch(new("/other")));
        await peer.NextAsync();
        using var faulty = client.Watch(A).Subscribe(_ => throw mistake, _ => { });
        var read = client.ReadAsync(A);
        await peer.EventAsync("/a", (await peer.NextAsync()).Token);
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => read.WaitAsync(ScriptedPeer.Patience));
        Assert.Same(mistake, e.InnerException);
        e = await Assert.ThrowsAsync<XenstoreConnectionException>(other.NextAsync);
        Assert.Same(mistake, e.InnerException);
    }

    [Fact]
    public async Task A_subscriber_without_an_error_handler_keeps_nobody_from_hearing_of_the_end_and_disposal_tells()
    {
        var (faulty, faultyPeer) = ScriptedPeer.Connect();
        using var careless = faulty.Watch(A).Subscribe(_ => { });
        using var careful = new Seen(faulty.Watch(A));
        await faultyPeer.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(careful.NextAsync);
        var e = await Assert.ThrowsAsync<AggregateException>(() => faulty.DisposeAsync().AsTask());
        Assert.IsType<XenstoreConnectionException>(Assert.Single(e.InnerExceptions));
    }

    /// <summary>What a subscriber has seen, one after another.</summary>
    private sealed class Seen : IDisposable
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
}
