using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Requests;

/// <summary>What is done with a domain's keys before anything is taken from them.</summary>
public sealed class QpenNodeTests : IAsyncDisposable
{
    private const string Request = "/local/domain/1/device/qpen";
    private const string Status = "/local/domain/1/qubes_pen_status";

    private static readonly Domain Work = new(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);

    private readonly List<int> noted = [];
    private readonly AnsweringStore store = new AnsweringStore().Has(Work);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task Missing_keys_are_made_with_their_rights()
    {
        Assert.Equal(new QpenFound(0, Left: false, Open: false) { Wrote = true }, await PrepareAsync(Work));

        Assert.Equal(("", "0 ready can do"), (store.Nodes[Request], store.Nodes[Status]));
        Assert.Equal(("n0 b1", "n0 r1"), (store.Permissions[Request], store.Permissions[Status]));
    }

    [Fact]
    public async Task Keys_that_are_there_are_left_as_they_are()
    {
        store.Nodes[Request] = "";
        store.Nodes[Status] = "7 waiting";

        Assert.Equal(new QpenFound(7, Left: false, Open: true), await PrepareAsync(Work with { RanBefore = true }));

        Assert.Equal(("", "7 waiting"), (store.Nodes[Request], store.Nodes[Status]));
        Assert.Empty(store.Permissions);
        Assert.DoesNotContain(store.Asked, asked => asked.StartsWith("write", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("n", true)]
    [InlineData("new", false)]
    public async Task A_request_that_lies_there_is_emptied_only_if_it_was_meant_for_an_earlier_daemon(string request, bool ranBefore)
    {
        store.Nodes[Request] = request;

        var found = await PrepareAsync(Work with { RanBefore = ranBefore });

        Assert.Equal((ranBefore, ranBefore ? "" : request), (found!.Left, store.Nodes[Request]));
        Assert.Equal((ranBefore, !ranBefore), (found.Wrote, found.Waits));
        Assert.Equal(ranBefore ? [0] : [], noted);
    }

    [Fact]
    public async Task Nothing_is_written_where_another_domain_lives_by_now()
    {
        Assert.Null(await PrepareAsync(Work with { Identity = new(new Domid(1), "u-2") }));
        Assert.False(store.Nodes.ContainsKey(Request));
        Assert.False(store.Nodes.ContainsKey(Status));
    }

    private Task<QpenFound?> PrepareAsync(Domain domain) => QpenNode.PrepareAsync(store, domain, "can do", count => noted.Add(count), TestContext.Current.CancellationToken);
}
