using System.IO.Pipelines;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>Guests have connections beside the one for everything else.</summary>
public sealed class XsLinesTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly Channel<ScriptedPeer> peers = Channel.CreateUnbounded<ScriptedPeer>();
    private readonly List<ScriptedPeer> met = [];
    private readonly PromptScheduler time = new();
    private TaskCompletionSource open = new();
    private XsLines store = null!;

    public XsLinesTests() => open.SetResult();

    public async ValueTask DisposeAsync()
    {
        open.TrySetResult();
        await store.DisposeAsync();
        foreach (var peer in met) await peer.DisposeAsync();
    }

    [Fact]
    public async Task A_guest_has_a_line_and_what_is_asked_of_the_store_itself_goes_another_way()
    {
        var main = await ConnectAsync();
        var line = await store.ForAsync(new(5));
        var peer = await MetAsync();
        var guests = line.ReadAsync(A);
        await peer.NextAsync();    // and is not answered: behind a flood of events it would be so
        var ours = store.ReadAsync(A);
        await main.AnswerAsync(await main.ExpectAsync(XsType.Read, "/a|"), "x");

        Assert.Equal("x"u8.ToArray(), await ours.WaitAsync(ScriptedPeer.Patience));
        Assert.False(guests.IsCompleted);
    }

    [Fact]
    public async Task Some_guests_have_the_same_one_and_there_are_no_more_than_so_many()
    {
        await ConnectAsync();
        var line = await store.ForAsync(new(5));

        Assert.Same(line, await store.ForAsync(new(6)));
        Assert.Same(line, await store.ForAsync(new((ushort)(5 + (XsLines.Guests * XsLines.Most)))));
        Assert.NotSame(line, await store.ForAsync(new((ushort)(5 + XsLines.Guests))));
        await MetAsync();
        await MetAsync();
        Assert.False(peers.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Dom0_has_none_of_its_own()
    {
        await ConnectAsync();
        Assert.Same(await store.ForAsync(Domid.Zero), await store.ForAsync(Domid.Zero));
        Assert.False(peers.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Where_all_connections_are_one_in_the_end_there_are_none()
    {
        var main = await ConnectAsync(lines: false);
        var read = (await store.ForAsync(new(5))).ReadAsync(A);
        await main.AnswerAsync(await main.ExpectAsync(XsType.Read, "/a|"), "x");

        await read.WaitAsync(ScriptedPeer.Patience);
        Assert.False(peers.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_line_is_there_when_it_is_connected_not_before()
    {
        await ConnectAsync();
        open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var one = store.ForAsync(new(5)).AsTask();
        using var impatient = new CancellationTokenSource();
        var other = store.ForAsync(new(5), impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.WaitAsync(ScriptedPeer.Patience));
        Assert.False(one.IsCompleted);

        open.SetResult();
        await one.WaitAsync(ScriptedPeer.Patience);
    }

    [Fact]
    public async Task One_that_is_lost_is_waited_for_and_its_watches_tell_to_look_anew()
    {
        await ConnectAsync();
        var seen = Channel.CreateUnbounded<WatchEvent>();
        using var watch = store.WatchFor(new(5), A).Subscribe(e => seen.Writer.TryWrite(e));
        var peer = await MetAsync();
        await peer.EventAsync("/a", (await peer.ExpectAsync(XsType.Watch, "/a|1|")).Token);
        Assert.Equal(WatchKind.Registered, (await seen.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience)).Kind);
        await peer.DisposeAsync();

        var again = await MetAsync();
        await again.EventAsync("/a", (await again.NextAsync()).Token);
        Assert.Equal(WatchKind.Resync, (await seen.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience)).Kind);
        var read = (await store.ForAsync(new(5))).ReadAsync(A);
        await again.ExpectAsync(XsType.Read, "/a|");
        await store.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => read.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task It_ends_with_the_rest()
    {
        await ConnectAsync();
        var line = await store.ForAsync(new(5));
        open = new();    // there is one that never is connected
        var never = store.ForAsync(new(XsLines.Guests)).AsTask();
        var watched = new TaskCompletionSource();
        using var watch = line.Watch(A).Subscribe(_ => { }, watched.SetException);
        await store.DisposeAsync();

        await Assert.ThrowsAsync<XenstoreConnectionException>(() => watched.Task.WaitAsync(ScriptedPeer.Patience));
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => never.WaitAsync(ScriptedPeer.Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ForAsync(new(7)).AsTask());
        await store.DisposeAsync();
    }

    private async Task<ScriptedPeer> ConnectAsync(bool lines = true)
    {
        store = await XsLines.ConnectAsync(OpenAsync, lines ? OpenAsync : null, new() { Scheduler = time });
        return await MetAsync();
    }

    private async Task<Stream> OpenAsync(CancellationToken cancel)
    {
        await open.Task.WaitAsync(cancel);
        var (requests, answers) = (new Pipe(), new Pipe());
        await peers.Writer.WriteAsync(new(new DuplexStream(requests.Reader.AsStream(), answers.Writer.AsStream())), cancel);
        return new DuplexStream(answers.Reader.AsStream(), requests.Writer.AsStream());
    }

    private async Task<ScriptedPeer> MetAsync()
    {
        var peer = await peers.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);
        met.Add(peer);
        return peer;
    }
}
