using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Store;

/// <summary>Lists of more than the 4,096 bytes of a message, on each server; also while they change.</summary>
public sealed class LongListTests
{
    private const int Children = 1500;    // 15,000 bytes and more: four parts

    private static readonly XsPath Node = new("/long");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("C")]
    [InlineData("OCaml")]
    [InlineData("embedded")]
    public Task A_long_list_is_a_list_also_in_a_transaction(string server) => OnAsync(server, async (client, _, _) =>
    {
        Assert.Equal(Names(0, Children), Sorted(await client.ListAsync(Node, Cancel)));
        Assert.Equal(Names(0, Children), Sorted(await client.TransactAsync((tx, cancel) => tx.ListAsync(Node, cancel), Cancel)));
    });

    /// <summary>From one byte below the bound to one above, where the first answer changes from a list to E2BIG.</summary>
    [Theory]
    [InlineData("C")]
    [InlineData("OCaml")]
    [InlineData("embedded")]
    public Task At_the_bound_nothing_is_lost(string server) => OnAsync(server, async (client, _, _) =>
    {
        for (var size = 4090; size <= 4100; size++)
        {
            var path = new XsPath($"/bound/{size}");
            await client.MakeAsync(path, Cancel);
            var names = Enumerable.Range(0, 40).Select(i => $"{i:D3}{new string('x', 96)}").Append(new string('y', size - 4001)).ToArray();
            Assert.Equal(size, names.Sum(name => name.Length + 1));
            await Task.WhenAll(names.Select(name => client.WriteTextAsync(path / name, "", Cancel)));
            Assert.Equal(Sorted(names), Sorted(await client.ListAsync(path, Cancel)));
        }
    });

    /// <summary>Between two parts a child goes and others come: the list is read from its start again, and is one that there was.</summary>
    [Theory]
    [InlineData("C")]
    [InlineData("embedded")]
    public Task A_list_that_changes_while_it_is_read_is_one_that_there_was(string server) => OnAsync(server, async (client, other, proxy) =>
    {
        var changes = 0;
        var parts = 0;
        proxy.Answers = frame =>
        {
            if (Type(frame) != XsType.DirectoryPart) return [frame];
            if (++parts % 3 == 2 && changes < 4)
            {
                // In the middle of the list, before the part that has been read is told.
                other.RemoveAsync(Node / Name(changes), Cancel).Wait(ScriptedPeer.Patience, Cancel);
                other.WriteTextAsync(Node / Name(Children + changes), "", Cancel).Wait(ScriptedPeer.Patience, Cancel);
                changes++;
            }

            return [frame];
        };
        Assert.Equal(Names(4, Children), Sorted(await client.ListAsync(Node, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel)));
        Assert.Equal(4, changes);
        Assert.InRange(parts, 8, 40);
    });

    /// <summary>Somebody changes it before every part: it is given up after a number of attempts.</summary>
    [Theory]
    [InlineData("C")]
    [InlineData("embedded")]
    public Task A_list_that_changes_all_the_time_is_given_up(string server) => OnAsync(server, async (client, other, proxy) =>
    {
        proxy.Answers = frame =>
        {
            if (Type(frame) == XsType.DirectoryPart) other.WriteTextAsync(Node / $"new-{Guid.NewGuid():N}", "", Cancel).Wait(ScriptedPeer.Patience, Cancel);
            return [frame];
        };
        var e = await Assert.ThrowsAsync<XenstoreException>(() => client.ListAsync(Node, Cancel).WaitAsync(ScriptedPeer.Patience, Cancel));
        Assert.Equal((XsType.DirectoryPart, XsError.EAGAIN), (e.Op, e.Error));
    });

    private static string Name(int i) => $"child-{i:D4}";

    private static string[] Names(int from, int count) => [.. Enumerable.Range(from, count).Select(Name)];

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];

    private static XsType Type(byte[] frame) => (XsType)BitConverter.ToUInt32(frame);

    /// <summary>A client behind a proxy, and another one that is not.</summary>
    private static async Task OnAsync(string server, Func<XsClient, XsClient, FaultProxy, Task> test)
    {
        using var folder = new TempFolder();
        await using IAsyncDisposable store = server == "embedded" ? EmbeddedXenstore.Start(folder["store"]) : await RealXenstored.StartAsync(Cancel, Enum.Parse<XenstoredKind>(server));
        var socket = store is RealXenstored real ? real.SocketPath : ((EmbeddedXenstore)store).SocketOf(Domid.Zero);
        await using var other = await XsClient.ConnectAsync(XsEndpoint.Socket(socket), Cancel);
        await Task.WhenAll(Names(0, Children).Select(name => other.WriteTextAsync(Node / name, "", Cancel)));
        await using var proxy = new FaultProxy(folder["proxy"], socket);
        await using var client = await XsClient.ConnectAsync(XsEndpoint.Socket(folder["proxy"]), Cancel);
        await test(client, other, proxy);
    }
}
