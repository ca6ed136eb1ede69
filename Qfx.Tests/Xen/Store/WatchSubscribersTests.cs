using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Text;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>Those who are told of a watch: many of one path, slow ones, ones with a filter, and ones that throw.</summary>
public sealed class WatchSubscribersTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly XsClient client;
    private readonly ScriptedPeer peer;

    public WatchSubscribersTests() => (client, peer) = ScriptedPeer.Connect();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
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
    public async Task A_filter_that_throws_ends_the_connection_with_its_exception()
    {
        var mistake = new InvalidOperationException("a mistake");
        using var faulty = client.Watch(A, _ => throw mistake).Subscribe(_ => { }, _ => { });
        var read = client.ReadAsync(A);
        var token = (await peer.NextAsync()).Token;
        await peer.EventAsync("/a", token);
        await peer.EventAsync("/a/b", token);
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => read.WaitAsync(ScriptedPeer.Patience));
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
}
