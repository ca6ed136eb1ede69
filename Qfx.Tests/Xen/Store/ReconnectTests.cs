using System.IO.Pipelines;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>The connection is lost, and made again.</summary>
public sealed class ReconnectTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly Channel<ScriptedPeer> peers = Channel.CreateUnbounded<ScriptedPeer>();
    private readonly Channel<WatchEvent> seen = Channel.CreateUnbounded<WatchEvent>();
    private readonly PromptScheduler time = new();
    private int failures;
    private XsClient client = null!;
    private ScriptedPeer peer = null!;

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Requests_in_flight_end_with_the_reason_and_later_ones_are_answered_again()
    {
        await ConnectAsync();
        var read = client.ReadAsync(A);
        await peer.NextAsync();
        await LoseAsync();
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => read.WaitAsync(ScriptedPeer.Patience));
        Assert.Contains("closed", e.Message, StringComparison.Ordinal);

        await AgainAsync();
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task Every_live_watch_is_registered_again_once_and_told_to_look_anew()
    {
        await ConnectAsync();
        using var one = Watch(A);
        using var two = Watch(A);
        Watch(new("/gone")).Dispose();
        var watch = await peer.ExpectAsync(XsType.Watch, "/a|1|");
        await peer.EventAsync("/a", watch.Token);
        Assert.Equal(WatchKind.Registered, (await NextAsync()).Kind);
        Assert.Equal(WatchKind.Registered, (await NextAsync()).Kind);
        await LoseAsync();
        await AgainAsync();

        var again = await peer.NextAsync();
        Assert.Equal(("/a", XsType.Watch), (again.Payload.Split('|')[0], again.Type));
        Assert.NotEqual(watch.Token, again.Token);
        await peer.EventAsync("/a", watch.Token);    // of the old connection: nobody's
        await peer.EventAsync("/a", again.Token);
        Assert.Equal((A, WatchKind.Resync), (await NextAsync()) is var e ? (e.Path, e.Kind) : default);
        Assert.Equal(WatchKind.Resync, (await NextAsync()).Kind);
        await peer.EventAsync("/a/b", again.Token);
        Assert.Equal(WatchKind.Changed, (await NextAsync()).Kind);
        await peer.AnswerAsync(again);
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_watch_made_while_there_is_no_connection_waits_for_one()
    {
        await ConnectAsync();
        failures = 3;
        time.DuringPause = () => { };    // hold it
        await LoseAsync();
        using var watch = Watch(A);
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => client.ReadAsync(A));
        await client.DisposeAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => seen.Reader.Completion.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task Attempts_go_on_with_growing_pauses_up_to_a_cap()
    {
        await ConnectAsync();
        failures = 11;
        await LoseAsync();
        await AgainAsync();
        int[] expected = [20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000, 5000];
        Assert.Equal(expected, time.Pauses.Select(pause => (int)Math.Round(pause.TotalMilliseconds)));
    }

    [Fact]
    public async Task A_server_that_accepts_and_closes_is_not_back_and_pauses_go_on_growing()
    {
        await ConnectAsync();
        for (var i = 0; i < 4; i++)
        {
            await LoseAsync();
            await AgainAsync();
        }

        Assert.Equal([20, 40, 80, 160], time.Pauses.Select(pause => (int)Math.Round(pause.TotalMilliseconds)));
        await peer.ExpectNothingBeforeAsync(client);    // one that answers is
        await LoseAsync();
        await AgainAsync();
        Assert.Equal(20, (int)Math.Round(time.Pauses.Last().TotalMilliseconds));
    }

    [Theory]
    [InlineData(XsClientPhase.Lost)]
    [InlineData(XsClientPhase.Connected)]
    public async Task Who_follows_the_states_and_throws_ends_the_client_with_that(XsClientPhase at)
    {
        await ConnectAsync();
        var mistake = new InvalidOperationException("a mistake");
        using var watch = Watch(A);
        await peer.NextAsync();
        using var faulty = client.States.Skip(1).Subscribe(s => { if (s.Phase == at) throw mistake; });
        await LoseAsync();
        if (at == XsClientPhase.Connected) peer = await peers.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);    // it may be over before it is seen

        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => seen.Reader.Completion.WaitAsync(ScriptedPeer.Patience));
        Assert.Same(mistake, e.InnerException);
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => client.ReadAsync(A));
    }

    [Fact]
    public async Task Its_states_are_told()
    {
        await ConnectAsync();
        var states = Channel.CreateUnbounded<XsClientPhase>();
        using var subscription = client.States.Subscribe(s => states.Writer.TryWrite(s.Phase), () => states.Writer.TryComplete());
        await LoseAsync();
        await AgainAsync();
        await client.DisposeAsync();

        Assert.Equal(
            [XsClientPhase.Connected, XsClientPhase.Lost, XsClientPhase.Connected, XsClientPhase.Closed],
            await states.Reader.ReadAllAsync().ToArrayAsync());
    }

    [Fact]
    public async Task A_short_lived_program_is_told_that_it_is_over()
    {
        await ConnectAsync(XsClientOptions.ShortLived);
        using var watch = Watch(A);
        await peer.NextAsync();
        await LoseAsync();
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => seen.Reader.Completion.WaitAsync(ScriptedPeer.Patience));
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => client.ReadAsync(A));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_subscriber_that_throws_while_there_is_no_connection_does_not_go_unseen(bool tryingAgain)
    {
        await ConnectAsync();
        var mistake = new InvalidOperationException("a mistake");
        using var handling = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var other = Watch(new("/other"));
        await peer.NextAsync();
        using var faulty = client.Watch(A).Subscribe(
            _ =>
            {
                handling.Set();
                go.Wait(ScriptedPeer.Patience);
                throw mistake;
            },
            _ => { });
        await peer.EventAsync("/a", (await peer.NextAsync()).Token);
        Assert.True(handling.Wait(ScriptedPeer.Patience));
        if (tryingAgain) failures = int.MaxValue;    // and again, and again
        else time.DuringPause = () => { };    // it waits for ever
        await LoseAsync();
        await client.States.FirstAsync(state => state.Phase == XsClientPhase.Lost).ToTask().WaitAsync(ScriptedPeer.Patience);
        var ended = client.States.LastAsync().ToTask();
        go.Set();

        var last = await ended.WaitAsync(ScriptedPeer.Patience);
        Assert.Equal(XsClientPhase.Closed, last.Phase);
        Assert.Same(mistake, last.Reason!.InnerException);
        var e = await Assert.ThrowsAsync<XenstoreConnectionException>(() => seen.Reader.Completion.WaitAsync(ScriptedPeer.Patience));
        Assert.Same(mistake, e.InnerException);
        Assert.Same(mistake, (await Assert.ThrowsAsync<XenstoreConnectionException>(() => client.ReadAsync(A))).InnerException);
    }

    [Fact]
    public async Task A_transaction_dies_with_its_connection_and_does_nothing_on_the_next()
    {
        await ConnectAsync();
        var go = new TaskCompletionSource();
        var transaction = client.TransactAsync(async (tx, ct) =>
        {
            await go.Task;
            await tx.WriteAsync(A, default, ct);
            return 0;
        });
        await peer.GrantAsync(XsType.TransactionStart, "|", "7|");
        await LoseAsync();
        await AgainAsync();
        go.SetResult();

        await Assert.ThrowsAsync<XenstoreConnectionException>(() => transaction.WaitAsync(ScriptedPeer.Patience));
        await peer.ExpectNothingBeforeAsync(client);
    }

    private async Task ConnectAsync(XsClientOptions? options = null)
    {
        client = await XsClient.ConnectAsync(OpenAsync, (options ?? new()) with { Scheduler = time, Jitter = () => 1 });
        await AgainAsync();
    }

    private ValueTask LoseAsync() => peer.DisposeAsync();

    private async Task AgainAsync()
    {
        peer = await peers.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);
        await client.States.FirstAsync(state => state.Phase == XsClientPhase.Connected).ToTask().WaitAsync(ScriptedPeer.Patience);
    }

    private async Task<WatchEvent> NextAsync() => await seen.Reader.ReadAsync().AsTask().WaitAsync(ScriptedPeer.Patience);

    private IDisposable Watch(XsPath path) => client.Watch(path).Subscribe(e => seen.Writer.TryWrite(e), e => seen.Writer.TryComplete(e));

    private Task<Stream> OpenAsync(CancellationToken cancel)
    {
        if (failures > 0 && client is not null)
        {
            failures--;
            throw new XenstoreConnectionException("not yet");
        }

        var requests = new Pipe();
        var answers = new Pipe();
        peers.Writer.TryWrite(new(new DuplexStream(requests.Reader.AsStream(), answers.Writer.AsStream())));
        return Task.FromResult<Stream>(new DuplexStream(answers.Reader.AsStream(), requests.Writer.AsStream()));
    }
}
