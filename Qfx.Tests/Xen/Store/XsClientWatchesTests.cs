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
    public async Task After_RESET_WATCHES_each_is_registered_again_right_behind_it_and_told_to_look_anew()
    {
        using var kinds = new SeenKinds(client.Watch(A));
        var watch = await peer.NextAsync();
        await peer.AnswerAsync(watch);
        await peer.EventAsync("/a", watch.Token);
        Assert.Equal(WatchKind.Registered, await kinds.NextAsync());

        var reset = client.ResetWatchesAsync();
        var request = await peer.ExpectAsync(XsType.ResetWatches, "|");
        var again = await peer.NextAsync();    // before the answer
        Assert.Equal((XsType.Watch, "/a"), (again.Type, again.Payload.Split('|')[0]));
        Assert.NotEqual(watch.Token, again.Token);
        await peer.AnswerAsync(request);
        await peer.AnswerAsync(again);
        await peer.EventAsync("/a", again.Token);
        await reset.WaitAsync(ScriptedPeer.Patience);
        Assert.Equal(WatchKind.Resync, await kinds.NextAsync());
    }

    [Fact]
    public async Task A_server_that_cannot_forget_watches_is_told_of_each_that_is_there_twice()
    {
        using var seen = new Seen(client.Watch(A));
        var watch = await peer.NextAsync();
        await peer.AnswerAsync(watch);

        var reset = client.ResetWatchesAsync();
        await peer.RefuseAsync(await peer.ExpectAsync(XsType.ResetWatches, "|"), "ENOSYS");
        var again = await peer.NextAsync();
        await peer.AnswerAsync(again);
        await Assert.ThrowsAsync<XenstoreException>(() => reset.WaitAsync(ScriptedPeer.Patience));
        await peer.ExpectAsync(XsType.Unwatch, $"/a|{watch.Token}|");
    }

    [Fact]
    public async Task However_many_subscribe_to_one_path_it_is_watched_once()
    {
        var watched = client.Watch(A);
        var first = new Seen(watched);
        var second = new Seen(watched);
        var watch = await peer.NextAsync();
        await peer.AnswerAsync(watch);
        await peer.EventAsync("/a", watch.Token);
        await peer.EventAsync("/a/b", watch.Token);
        Assert.Equal(["/a", "/a/b"], [await first.NextAsync(), await first.NextAsync()]);
        Assert.Equal(["/a", "/a/b"], [await second.NextAsync(), await second.NextAsync()]);

        using var late = new Seen(watched);
        Assert.Equal("/a", await late.NextAsync());    // its own first event, without a word to the server
        first.Dispose();
        second.Dispose();
        await peer.ExpectNothingBeforeAsync(client);
        late.Dispose();
        await peer.ExpectAsync(XsType.Unwatch, watch.Payload);
    }

    [Fact]
    public async Task A_slow_subscriber_gets_one_event_a_path_and_holds_up_nobody()
    {
        using var free = new ManualResetEventSlim();
        var slow = Channel.CreateUnbounded<WatchEvent>();
        using var subscription = client.Watch(A).Subscribe(e =>
        {
            free.Wait(ScriptedPeer.Patience);
            slow.Writer.TryWrite(e);
        });
        using var quick = new Seen(client.Watch(A));
        var watch = await peer.NextAsync();
        await peer.EventAsync("/a", watch.Token);
        await quick.NextAsync();
        foreach (var path in new[] { "/a/1", "/a/2", "/a/1", "/a/1" }) await peer.EventAsync(path, watch.Token);
        await peer.ExpectNothingBeforeAsync(client);    // the reader has read them all
        free.Set();

        Assert.Equal(("/a", WatchKind.Registered, 0), Text(await slow.Reader.ReadAsync()));
        Assert.Equal(("/a/1", WatchKind.Changed, 2), Text(await slow.Reader.ReadAsync()));
        Assert.Equal(("/a/2", WatchKind.Changed, 0), Text(await slow.Reader.ReadAsync()));
    }

    [Fact]
    public async Task A_subscriber_that_is_too_slow_for_its_buffer_is_told_to_look_anew()
    {
        var (bounded, boundedPeer) = ScriptedPeer.Connect(new() { WatchBuffer = 3 });
        using var free = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var slow = Channel.CreateUnbounded<WatchEvent>();
        using var subscription = bounded.Watch(A).Subscribe(e =>
        {
            begun.Set();
            free.Wait(ScriptedPeer.Patience);
            slow.Writer.TryWrite(e);
        });
        var watch = await boundedPeer.NextAsync();
        await boundedPeer.EventAsync("/a", watch.Token);
        begun.Wait(ScriptedPeer.Patience);
        for (var i = 0; i < 5; i++) await boundedPeer.EventAsync($"/a/{i}", watch.Token);
        await boundedPeer.ExpectNothingBeforeAsync(bounded);
        free.Set();

        Assert.Equal(("/a", WatchKind.Registered, 0), Text(await slow.Reader.ReadAsync()));
        Assert.Equal(("/a", WatchKind.Resync, 3), Text(await slow.Reader.ReadAsync()));
        Assert.Equal(("/a/4", WatchKind.Changed, 0), Text(await slow.Reader.ReadAsync()));
        await bounded.DisposeAsync();
        await boundedPeer.DisposeAsync();
    }

    [Fact]
    public async Task A_filter_drops_events_by_their_bytes_but_never_the_first_one()
    {
        using var seen = new Seen(client.Watch(A, path => path.EndsWith("/x"u8)));
        var watch = await peer.NextAsync();
        foreach (var path in new[] { "/a", "/a/y", "/a/x", "/a/z" }) await peer.EventAsync(path, watch.Token);
        await peer.ExpectNothingBeforeAsync(client);
        Assert.Equal("/a", await seen.NextAsync());
        Assert.Equal("/a/x", await seen.NextAsync());
        Assert.True(seen.IsEmpty);
    }

    [Theory]
    [InlineData("@introduceDomain", WatchKind.DomainIntroduced)]
    [InlineData("@releaseDomain", WatchKind.DomainReleased)]
    [InlineData("/a", WatchKind.Changed)]
    public async Task An_event_says_what_it_means(string path, WatchKind meaning)
    {
        var kinds = Channel.CreateUnbounded<WatchEvent>();
        using var subscription = client.Watch(new(path)).Subscribe(e => kinds.Writer.TryWrite(e));
        var watch = await peer.NextAsync();
        await peer.EventAsync(path, watch.Token);
        Assert.Equal(WatchKind.Registered, (await kinds.Reader.ReadAsync()).Kind);
        await peer.EventAsync(path, watch.Token);
        var happened = await kinds.Reader.ReadAsync();
        Assert.Equal((meaning, watch.Token), (happened.Kind, $"{happened.Token}"));
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
    public async Task A_subscriber_without_an_error_handler_keeps_nobody_from_hearing_of_the_end()
    {
        var (faulty, faultyPeer) = ScriptedPeer.Connect();
        using var careless = faulty.Watch(A).Subscribe(_ => { });
        using var careful = new Seen(faulty.Watch(A));
        await faultyPeer.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(careful.NextAsync);
        await faulty.DisposeAsync();
    }

    private static (string Path, WatchKind Kind, int Merged) Text(WatchEvent e) => (e.Path.ToString(), e.Kind, e.Merged);

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

    /// <summary>What the events that come mean.</summary>
    private sealed class SeenKinds : IDisposable
    {
        private readonly Channel<WatchKind> kinds = Channel.CreateUnbounded<WatchKind>();
        private readonly IDisposable subscription;

        public SeenKinds(IObservable<WatchEvent> events) => subscription = events.Subscribe(e => kinds.Writer.TryWrite(e.Kind), e => kinds.Writer.TryComplete(e));

        public Task<WatchKind> NextAsync() => kinds.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);

        public void Dispose() => subscription.Dispose();
    }
}
