using Qfx.Streams.Domains;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Domains;

/// <summary>One look at xenstore: what it asks for, and what it makes of the answers.</summary>
public sealed class DomainListingTests : IAsyncDisposable
{
    private static readonly Domain Work = new(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);
    private static readonly Domain Play = new(new(new Domid(2), "u-2"), VmName.Parse("play"), RanBefore: false);

    private readonly AnsweringStore store = new();

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_name_costs_no_listing_and_only_that_VM_is_read()
    {
        store.Has(Work with { Name = VmName.Parse("renamed") }).Has(Play);

        var changes = await LookAsync(LookReason.Named("u-1"), Work, Play);

        Assert.Equal(["renamed"], changes.Changed.Select(d => d.Name.ToString()));
        Assert.Empty(changes.Gone);
        Assert.Equal(["/local/domain/1/vm", "/local/domain/1/name"], store.Asked);
    }

    [Fact]
    public async Task A_listing_reads_who_is_new_and_nobody_who_is_known_by_name()
    {
        store.Has(Work).Has(Play);

        var changes = await LookAsync(LookReason.Lifecycle, Work);

        Assert.Equal([Play], changes.Changed);
        Assert.Empty(changes.Gone);
        Assert.DoesNotContain("/local/domain/1/name", store.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_the_first_look_finds_ran_before(bool first)
    {
        store.Has(Work);

        var changes = await DomainListing.LookAsync(store, new Dictionary<Domid, Domain>(), LookReason.Lifecycle, first, TestContext.Current.CancellationToken);

        Assert.Equal([Work with { RanBefore = first }], changes.Changed);
    }

    [Fact]
    public async Task A_node_of_a_domain_that_the_server_does_not_know_is_none()
    {
        store.Has(Work).Introduced.Remove(Work.Domid);

        Assert.Empty((await LookAsync(LookReason.Lifecycle)).Changed);
    }

    [Fact]
    public async Task Who_has_no_name_yet_is_read_again_with_a_listing_but_not_when_it_is_no_longer_listed()
    {
        store.Has(Work);

        Assert.Equal([Work], (await LookAsync(LookReason.Lifecycle, Work with { Name = null }, Play with { Name = null })).Changed);
        Assert.DoesNotContain("/local/domain/2/name", store.Asked);
    }

    [Fact]
    public async Task Without_a_listing_everyone_known_is_read()
    {
        store.Has(Work);

        await LookAsync(new(false, true, []), Work, Play);

        Assert.Equal(["/local/domain/1/vm", "/local/domain/1/name", "/local/domain/2/vm", "/local/domain/2/name"], store.Asked);
    }

    [Fact]
    public async Task Who_is_as_before_has_not_changed_and_a_node_that_is_missing_leaves_what_was_known()
    {
        store.Has(Work);
        store.Nodes.Remove("/local/domain/1/name");
        Assert.Empty((await LookAsync(LookReason.Named("u-1"), Work)).Changed);

        store.Nodes.Remove("/local/domain/1/vm");
        Assert.Empty((await LookAsync(LookReason.Named("u-1"), Work)).Changed);
    }

    [Fact]
    public async Task A_domain_that_is_neither_listed_nor_known_to_the_server_is_dead()
    {
        store.Has(Work);

        var changes = await LookAsync(LookReason.Lifecycle, Work, Play);

        Assert.Equal([Play.Domid], changes.Gone);
        Assert.DoesNotContain("introduced 1", store.Asked);
    }

    [Theory]
    [InlineData("what is listed has no domain 0")]
    [InlineData("what is listed is no domain at all")]
    [InlineData("nothing is listed")]
    [InlineData("the server does not know domain 0")]
    [InlineData("the server knows it still")]
    public async Task It_is_dead_for_no_less_than_that(string how)
    {
        store.Has(Work);
        switch (how)
        {
            case "what is listed has no domain 0": store.Listed = ["1"]; break;
            case "what is listed is no domain at all": store.Listed = ["x", "01", ""]; break;
            case "nothing is listed": store.Listed = null; break;
            case "the server does not know domain 0": store.Introduced.Remove(Domid.Zero); break;
            case "the server knows it still": store.Introduced.Add(Play.Domid); break;
        }

        Assert.Empty((await LookAsync(LookReason.Lifecycle, Work, Play)).Gone);
    }

    [Fact]
    public async Task A_listing_that_is_refused_for_another_reason_is_an_error()
    {
        store.Listed = null;
        store.Refusal = XsError.EACCES;

        await Assert.ThrowsAsync<XenstoreException>(() => LookAsync(LookReason.Lifecycle, Work));
    }

    private Task<DomainChanges> LookAsync(LookReason reason, params Domain[] known) =>
        DomainListing.LookAsync(store, known.ToDictionary(d => d.Domid), reason, first: false, TestContext.Current.CancellationToken);
}
