using System.Text;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

public sealed class XsClientConnectionTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");

    private readonly XsClient client;
    private readonly ScriptedPeer peer;

    public XsClientConnectionTests() => (client, peer) = ScriptedPeer.Connect();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task When_the_server_goes_everybody_who_waits_is_told_and_whoever_asks_later()
    {
        Task[] asked = [client.ReadAsync(A), client.WriteAsync(A, default), client.ListAsync(A)];
        foreach (var _ in asked) await peer.NextAsync();
        await peer.DisposeAsync();
        foreach (var task in asked) Assert.Contains("closed", (await LostAsync(task)).Message, StringComparison.Ordinal);
        await LostAsync(client.ReadAsync(A));
    }

    [Fact]
    public async Task A_connection_that_ends_within_a_message_says_so()
    {
        var read = client.ReadAsync(A);
        var request = await peer.NextAsync();
        var header = new byte[XsHeader.Size];
        new XsHeader(XsType.Read, request.Id, 0, 3).Write(header);
        await peer.SendAsync([.. header, 1, 2]);
        await peer.DisposeAsync();
        Assert.Contains("within a message", (await LostAsync(read)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_ends_what_is_in_flight()
    {
        var read = client.ReadAsync(A);
        await peer.NextAsync();
        await client.DisposeAsync();
        await LostAsync(read);
        await LostAsync(client.ReadAsync(A));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Disposal_ends_what_could_not_be_sent_because_the_server_reads_nothing()
    {
        var writes = Enumerable.Range(0, 100).Select(_ => client.WriteAsync(A, new byte[4000])).ToArray();
        await client.DisposeAsync().AsTask().WaitAsync(ScriptedPeer.Patience);
        foreach (var write in writes) await LostAsync(write);
    }

    [Theory]
    [InlineData(XsType.Read, 99u, "x")]
    [InlineData(XsType.Error, 99u, "ENOENT|")]
    [InlineData(XsType.Watch, 0u, "OK|")]
    [InlineData((XsType)77, 1u, "x")]
    [InlineData(XsType.Write, 1u, "OK|")]
    [InlineData(XsType.Error, 1u, "ENOENT|ENOENT|")]
    [InlineData(XsType.WatchEvent, 0u, "/a|1")]
    [InlineData(XsType.WatchEvent, 0u, "")]
    public async Task What_nobody_asked_for_or_nobody_understands_ends_the_connection(XsType type, uint id, string payload)
    {
        var read = client.ReadAsync(A);
        Assert.Equal(1u, (await peer.NextAsync()).Id);
        await peer.SendAsync(type, id, 0, payload);
        Assert.IsType<XsProtocolException>((await LostAsync(read)).InnerException);
        await LostAsync(client.ReadAsync(A));
    }

    [Fact]
    public async Task A_length_above_4096_ends_the_connection()
    {
        var read = client.ReadAsync(A);
        await peer.NextAsync();
        await peer.SendAsync(Convert.FromHexString("02000000" + "01000000" + "00000000" + "01100000"));
        Assert.IsType<XsProtocolException>((await LostAsync(read)).InnerException);
    }

    [Fact]
    public async Task An_answer_that_makes_no_sense_ends_its_own_request_too()
    {
        var list = client.ListAsync(A);
        await peer.GrantAsync(XsType.Directory, "/a|", "no end");
        await LostAsync(list);

        var (other, otherPeer) = ScriptedPeer.Connect();
        var known = other.IsIntroducedAsync(Domid.Zero);
        await otherPeer.GrantAsync(XsType.IsDomainIntroduced, "0|", "perhaps|");
        await LostAsync(known);
        await other.DisposeAsync();
        await otherPeer.DisposeAsync();
    }

    [Fact]
    public async Task Answers_that_arrive_a_byte_at_a_time_are_answers()
    {
        var read = client.ReadAsync(A);
        await peer.NextAsync();
        foreach (var part in Convert.FromHexString("02000000" + "01000000" + "00000000" + "03000000" + "6E6577")) await peer.SendAsync([part]);
        Assert.Equal("new", Encoding.ASCII.GetString(await read.WaitAsync(ScriptedPeer.Patience)));
    }

    private static Task<XenstoreConnectionException> LostAsync(Task asked) =>
        Assert.ThrowsAsync<XenstoreConnectionException>(() => asked.WaitAsync(ScriptedPeer.Patience));
}
