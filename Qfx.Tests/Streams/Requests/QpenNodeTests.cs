using System.Text;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Requests;

/// <summary>What is done with a domain's keys, request by request.</summary>
public sealed class QpenNodeTests : IAsyncDisposable
{
    private const string Request = "/local/domain/1/device/qpen";
    private const string Status = "/local/domain/1/qubes_pen_status";
    private const string Taken = "/local/domain/1/qubes_pen_taken";

    private static readonly Domain Work = new(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);

    private readonly AnsweringStore store = new AnsweringStore().Has(Work);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task Missing_keys_are_made_with_their_rights()
    {
        Assert.Equal(new QpenFound(0, Left: false, Open: false), await PrepareAsync(Work));

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
    }

    [Fact]
    public async Task Nothing_is_written_where_another_domain_lives_by_now()
    {
        Assert.Null(await PrepareAsync(Work with { Identity = new(new Domid(1), "u-2") }));
        Assert.False(store.Nodes.ContainsKey(Request));
        Assert.False(store.Nodes.ContainsKey(Status));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Where_there_is_no_request_one_read_is_all(string? there)
    {
        if (there is not null) store.Nodes[Request] = there;

        Assert.Equal(there, await TakeAsync());
        Assert.Equal([Request], store.Asked);
        Assert.Equal(0, store.Transactions);
    }

    [Theory]
    [InlineData(null, "0")]
    [InlineData("7 attached xvdg", "7")]
    public async Task Taking_empties_the_key_and_notes_how_far_the_status_has_counted(string? status, string noted)
    {
        store.Nodes[Request] = "new";
        if (status is not null) store.Nodes[Status] = status;

        Assert.Equal("new", await TakeAsync());
        Assert.Equal(("", noted), (store.Nodes[Request], store.Nodes[Taken]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task What_is_taken_back_at_the_last_moment_was_no_request(string? then)
    {
        store.Nodes[Request] = "new";
        store.BeforeTransaction = () =>
        {
            if (then is null) store.Nodes.Remove(Request);
            else store.Nodes[Request] = then;
        };

        Assert.Equal(then, await TakeAsync());
        Assert.False(store.Nodes.ContainsKey(Taken));
    }

    [Fact]
    public async Task What_is_overwritten_while_it_is_taken_is_left_there_to_be_looked_at_later()
    {
        store.Nodes[Request] = "new";
        store.Meets = attempt => attempt == 1;
        store.WhenMet = () => store.Nodes[Request] = "cancel";

        Assert.Equal((null, true), await QpenNode.TakeAsync(store, Work.Domid, TestContext.Current.CancellationToken));
        Assert.Equal("cancel", store.Nodes[Request]);
        Assert.False(store.Nodes.ContainsKey(Taken));
    }

    [Fact]
    public async Task A_status_of_ours_that_is_written_meanwhile_is_no_reason_to_leave_it()
    {
        store.Nodes[Request] = "new";
        store.Meets = attempt => attempt == 1;
        store.WhenMet = () => store.Nodes[Status] = "8 detached xvdh";

        Assert.Equal("new", await TakeAsync());
        Assert.Equal(("", "8"), (store.Nodes[Request], store.Nodes[Taken]));
    }

    [Fact]
    public async Task The_same_words_written_again_and_again_are_not_tried_without_end()
    {
        var attempts = 0;
        store.Nodes[Request] = "new";
        store.Meets = attempt => (attempts = attempt) < 10;

        Assert.Equal((null, true), await QpenNode.TakeAsync(store, Work.Domid, TestContext.Current.CancellationToken));
        Assert.Equal(10, attempts);
        Assert.Equal("new", store.Nodes[Request]);
        Assert.Equal(4, store.Asked.Count(asked => asked == $"write {Request}"));
    }

    private Task<QpenFound?> PrepareAsync(Domain domain) => QpenNode.PrepareAsync(store, domain, "can do", TestContext.Current.CancellationToken);

    private async Task<string?> TakeAsync() =>
        (await QpenNode.TakeAsync(store, Work.Domid, TestContext.Current.CancellationToken)).Value is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
}
