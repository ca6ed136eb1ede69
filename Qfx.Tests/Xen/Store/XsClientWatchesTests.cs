using System.Reactive.Linq;
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
}
