using System.Text;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

public sealed class XsClientRequestsTests : IAsyncDisposable
{
    private static readonly XsPath A = new("/a");
    private static readonly XsPath B = new("/b");

    private readonly XsClient client;
    private readonly ScriptedPeer peer;

    public XsClientRequestsTests() => (client, peer) = ScriptedPeer.Connect();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Every_request_has_the_payload_that_xenstore_txt_gives_it()
    {
        var five = new Domid(5);
        (Task Asked, XsType Type, string Payload, string Answer)[] all =
        [
            (client.ListAsync(A), XsType.Directory, "/a|", "x|y|"),
            (client.WriteAsync(A, "v"u8.ToArray()), XsType.Write, "/a|v", "OK|"),
            (client.MakeAsync(A), XsType.Mkdir, "/a|", "OK|"),
            (client.RemoveAsync(A), XsType.Rm, "/a|", "OK|"),
            (client.GetPermissionsAsync(A), XsType.GetPerms, "/a|", "n0|b5|"),
            (client.SetPermissionsAsync(A, XsPermissions.GuestWrites(five)), XsType.SetPerms, "/a|n0|b5|", "OK|"),
            (client.IsIntroducedAsync(five), XsType.IsDomainIntroduced, "5|", "T|"),
            (client.IntroduceAsync(five, 18446744073709551615, 7), XsType.Introduce, "5|18446744073709551615|7|", "OK|"),
            (client.ReleaseAsync(five), XsType.Release, "5|", "OK|"),
            (client.ReadAsync(new("device/qpen")), XsType.Read, "device/qpen|", "new"),
            (client.GetDomainPathAsync(five), XsType.GetDomainPath, "5|", "/local/domain/5|"),
            (client.SetTargetAsync(five, new(6)), XsType.SetTarget, "5|6|", "OK|"),
            (client.ResumeAsync(five), XsType.Resume, "5|", "OK|"),
            (client.ControlAsync(["logfile", "/x y"]), XsType.Control, "logfile|/x y|", "done\nit|"),
            (client.ResetWatchesAsync(), XsType.ResetWatches, "|", "OK|"),
        ];
        foreach (var (asked, type, payload, answer) in all)
        {
            await peer.GrantAsync(type, payload, answer);
            await asked.WaitAsync(ScriptedPeer.Patience);
        }

        Assert.Equal(["x", "y"], await (Task<IReadOnlyList<string>>)all[0].Asked);
        Assert.Equal(XsPermissions.Parse("n0 b5"), await (Task<XsPermissions>)all[4].Asked);
        Assert.True(await (Task<bool>)all[6].Asked);
        Assert.Equal("new", Encoding.ASCII.GetString(await (Task<byte[]>)all[9].Asked));
        Assert.Equal(XsPath.Home(five), await (Task<XsPath>)all[10].Asked);
        Assert.Equal("done\nit", await (Task<string>)all[13].Asked);
    }

    [Fact]
    public async Task A_list_too_long_for_one_answer_is_read_in_parts_and_again_when_it_changes_meanwhile()
    {
        var list = client.ListAsync(A);
        await peer.RefuseAsync(await peer.ExpectAsync(XsType.Directory, "/a|"), "E2BIG");
        await peer.GrantAsync(XsType.DirectoryPart, "/a|0|", "7|x|yy|");
        await peer.GrantAsync(XsType.DirectoryPart, "/a|5|", "8|zzz||");    // another generation
        await peer.GrantAsync(XsType.DirectoryPart, "/a|0|", "8|x|yy|");
        await peer.GrantAsync(XsType.DirectoryPart, "/a|5|", "8|zzz||");
        Assert.Equal(["x", "yy", "zzz"], await list.WaitAsync(ScriptedPeer.Patience));
    }

    [Fact]
    public async Task A_list_that_never_stops_changing_is_given_up()
    {
        var list = client.ListAsync(A);
        await peer.RefuseAsync(await peer.NextAsync(), "E2BIG");
        for (var i = 0; i < 16; i++)
        {
            await peer.GrantAsync(XsType.DirectoryPart, "/a|0|", $"{i}|x|");
            await peer.GrantAsync(XsType.DirectoryPart, "/a|2|", $"{i + 100}|y||");
        }

        Assert.Equal(XsError.EAGAIN, (await Assert.ThrowsAsync<XenstoreException>(() => list.WaitAsync(ScriptedPeer.Patience))).Error);
    }

    [Fact]
    public async Task A_long_list_in_one_answer_is_read_as_oxenstored_sends_it()
    {
        var names = Enumerable.Range(0, 30_000).Select(i => $"{i}").ToArray();
        var list = client.ListAsync(A);
        var request = await peer.NextAsync();
        var payload = Encoding.ASCII.GetBytes(string.Concat(names.Select(name => name + "\0")));
        var header = new byte[XsHeader.Size];
        new XsHeader(XsType.Directory, request.Id, 0, payload.Length).Write(header);
        await peer.SendAsync([.. header, .. payload]);
        Assert.Equal(names, await list.WaitAsync(ScriptedPeer.Patience));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task Answers_may_come_in_any_order()
    {
        var asked = Enumerable.Range(0, 50).Select(i => client.ReadAsync(A / $"{i}")).ToArray();
        var requests = new List<ScriptedPeer.Request>();
        for (var i = 0; i < asked.Length; i++) requests.Add(await peer.ExpectAsync(XsType.Read, $"/a/{i}|"));

        foreach (var request in requests.OrderByDescending(r => r.Id * 31 % 50)) await peer.AnswerAsync(request, request.Payload);

        for (var i = 0; i < asked.Length; i++)
        {
            Assert.Equal($"/a/{i}\0", Encoding.ASCII.GetString(await asked[i].WaitAsync(ScriptedPeer.Patience)));
        }
    }

    [Fact]
    public async Task A_refusal_says_what_was_asked_of_which_node_and_the_connection_survives_it()
    {
        var read = client.ReadAsync(A);
        await peer.RefuseAsync(await peer.NextAsync(), "EWHATEVER");
        var e = await Assert.ThrowsAsync<XenstoreException>(() => read.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal((XsType.Read, "/a", new XsError("EWHATEVER")), (e.Op, e.Path, e.Error));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once_and_its_late_answer_is_dropped()
    {
        using var cancel = new CancellationTokenSource();
        var given = client.ReadAsync(A, cancel.Token);
        var request = await peer.NextAsync();
        await cancel.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(ScriptedPeer.Patience));
        Assert.Equal(cancel.Token, e.CancellationToken);

        var next = client.ReadAsync(B);
        var second = await peer.NextAsync();
        Assert.NotEqual(request.Id, second.Id);
        await peer.AnswerAsync(request, "late");
        await peer.AnswerAsync(second, "wanted");
        Assert.Equal("wanted", Encoding.ASCII.GetString(await next.WaitAsync(ScriptedPeer.Patience)));
    }

    [Fact]
    public async Task A_request_that_is_cancelled_before_it_is_made_is_not_sent()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ReadAsync(A, new CancellationToken(canceled: true)));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task A_payload_of_4096_bytes_is_sent_and_one_of_4097_is_refused_here()
    {
        var write = client.WriteAsync(A, new byte[4093]);
        var request = await peer.NextAsync();
        Assert.Equal(4096, request.Payload.Length);
        await peer.AnswerAsync(request);
        await write.WaitAsync(ScriptedPeer.Patience);

        await Assert.ThrowsAsync<ArgumentException>(() => client.WriteAsync(A, new byte[4094]));
        await peer.ExpectNothingBeforeAsync(client);
    }

    [Theory]
    [InlineData("n0|r65535|b5|", "n0 b5")]
    [InlineData("r5|", "r5")]
    [InlineData("n32752|r5|", null)]
    [InlineData("", null)]
    public async Task Rights_of_what_is_no_domain_are_left_out_and_such_an_owner_fails_that_request_alone(string answer, string? read)
    {
        var permissions = client.GetPermissionsAsync(A);
        await peer.GrantAsync(XsType.GetPerms, "/a|", answer);
        if (read is not null)
        {
            Assert.Equal(XsPermissions.Parse(read), await permissions.WaitAsync(ScriptedPeer.Patience));
        }
        else
        {
            var e = await Assert.ThrowsAsync<XenstoreException>(() => permissions.WaitAsync(ScriptedPeer.Patience));
            Assert.Equal((XsType.GetPerms, XsError.EINVAL), (e.Op, e.Error));
        }

        await peer.ExpectNothingBeforeAsync(client);
    }

    [Fact]
    public async Task Requests_of_many_threads_are_each_answered_with_their_own()
    {
        const int Threads = 8, Each = 200;
        var answering = Task.Run(async () =>
        {
            for (var i = 0; i < Threads * Each; i++)
            {
                var request = await peer.NextAsync();
                await peer.AnswerAsync(request, request.Payload);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var asked = Enumerable.Range(0, Each).Select(i => (Path: $"/t/{thread}/{i}", Task: client.ReadAsync(new($"/t/{thread}/{i}")))).ToArray();
            foreach (var (path, task) in asked) Assert.Equal(path + "\0", Encoding.ASCII.GetString(await task));
        }))).WaitAsync(ScriptedPeer.Patience);
        await answering.WaitAsync(ScriptedPeer.Patience);
    }
}
