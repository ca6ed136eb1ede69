using System.Reactive.Linq;
using System.Threading.Channels;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Faults;

/// <summary>A client whose answers come split, late, in another order, twice, never, cut off or malformed: it never hangs and never says anything wrong.</summary>
public abstract class FaultTests(XsClientOptions options) : FaultFixture(options)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(4111)]
    [InlineData(4112)]
    [InlineData(4113)]
    public async Task Split_and_merged_anywhere_everything_is_as_it_was_asked(int chunk)
    {
        Proxy.Chunk = chunk;
        await AskAllAsync();
    }

    [Fact]
    public async Task Answers_in_another_order_belong_to_who_asked()
    {
        var held = new List<byte[]>();
        Proxy.Answers = frame =>
        {
            held.Add(frame);
            if (held.Count < 8) return [];
            var random = new Random(held.Count);
            var mixed = held.OrderBy(_ => random.Next()).ToArray();
            held.Clear();
            return mixed;
        };
        var values = Enumerable.Range(0, 64).ToArray();
        await Task.WhenAll(values.Select(i => Client.WriteTextAsync(Test / $"{i}", $"{i}", Cancel))).WaitAsync(ScriptedPeer.Patience, Cancel);
        var read = await Task.WhenAll(values.Select(i => Client.ReadTextAsync(Test / $"{i}", Cancel))).WaitAsync(ScriptedPeer.Patience, Cancel);
        Assert.Equal(values.Select(i => $"{i}"), read);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task Events_that_come_twice_or_never_disturb_no_answer(int times)
    {
        Proxy.Answers = frame => Type(frame) == XsType.WatchEvent ? Enumerable.Repeat(frame, times) : [frame];
        using var watch = Client.Watch(Test).Subscribe(_ => { });
        await AskAllAsync();
    }

    [Fact]
    public async Task Cut_off_at_every_byte_the_request_fails_and_the_next_connection_works()
    {
        await Client.WriteTextAsync(Test, "0123456789", Cancel);
        for (var cut = 1; cut < XsHeader.Size + 10; cut++)
        {
            Proxy.CutAfter = cut;
            await AgainAsync();
            await Assert.ThrowsAsync<XenstoreConnectionException>(() => Client.ReadAsync(Test, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel));
            Proxy.CutAfter = long.MaxValue;
            await AgainAsync();
            Assert.Equal("0123456789", await Client.ReadTextAsync(Test, Cancel));
        }
    }

    public static TheoryData<string> Malformed() =>
    [
        "02000000 01000000 00000000 01100000",    // 4,097 bytes
        "01000000 01000000 00000000 01001000",    // a list of more than a MiB
        "02000000 FFFFFF7F 00000000 00000000",    // an unknown request
        "63000000 01000000 00000000 00000000",    // an unknown type
        "0F000000 00000000 00000000 00000000",    // an event without path and token
        "0F000000 00000000 00000000 02000000 2F00",    // and one without a token
        "10000000 05000000 00000000 00000000",    // an error for nobody
        "FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF",
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_malformed_ends_the_connection_and_nothing_else(string frame)
    {
        await Client.WriteTextAsync(Test, "value", Cancel);
        var bytes = Convert.FromHexString(frame.Replace(" ", "", StringComparison.Ordinal));
        Proxy.Answers = _ => [bytes];
        await Assert.ThrowsAsync<XenstoreConnectionException>(() => Client.ReadAsync(Test, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel));
        Proxy.Answers = answer => [answer];
        await ConnectedAsync();
        Assert.Equal("value", await Client.ReadTextAsync(Test, Cancel));
    }

    [Fact]
    public async Task What_changed_while_it_was_away_is_found_after_the_resync()
    {
        var events = Channel.CreateUnbounded<WatchEvent>();
        using var watch = Client.Watch(Test).Subscribe(e => events.Writer.TryWrite(e));
        Assert.Equal(WatchKind.Registered, (await events.Reader.ReadAsync(Cancel)).Kind);
        Proxy.Break(refuse: true);
        await using (var other = await XsClient.ConnectAsync(XsEndpoint.Socket(Store.SocketOf(Domid.Zero)), Cancel))
            await other.WriteTextAsync(Test, "meanwhile", Cancel);
        Proxy.Allow();

        Assert.Equal(WatchKind.Resync, (await events.Reader.ReadAsync(Cancel)).Kind);
        Assert.Equal("meanwhile", await Client.ReadTextAsync(Test, Cancel));
    }

    private static XsType Type(byte[] frame) => (XsType)BitConverter.ToUInt32(frame);
}

/// <summary>By the framework's own way of reading.</summary>
public sealed class FaultTestsOnThePool() : FaultTests(new());

/// <summary>With continuations on the thread that reads.</summary>
public sealed class FaultTestsOnTheReader() : FaultTests(new() { ContinueOnReader = true });
