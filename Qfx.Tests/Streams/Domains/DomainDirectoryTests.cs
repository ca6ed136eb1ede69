using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Domains;

public class DomainDirectoryTests
{
    [Fact]
    public async Task Domains_that_run_are_found_by_domid_and_by_name_and_dom0_is_none_of_them()
    {
        using var host = new VirtualHost();
        var before = await host.Toolstack.CreateAsync("work");
        host.Start();
        var after = host.Create("personal");

        Assert.Equal([(before.Domid, true), (after.Domid, false)],
            host.Directory.ByDomid.Items.OrderBy(d => d.Domid).Select(d => (d.Domid, d.RanBefore)));
        Assert.Equal(after.Domid, host.Directory.ByName.Lookup(VmName.Parse("personal")).Value.Domid);
    }

    [Fact]
    public async Task A_name_that_two_domains_bear_means_none_until_one_of_them_ends()
    {
        using var host = new VirtualHost().Start();
        var one = host.Create("work");
        var two = host.Create("work");
        Assert.False(host.Directory.ByName.Lookup(VmName.Parse("work")).HasValue);

        await host.Toolstack.DestroyAsync(one);
        host.Pass();

        Assert.Equal(two.Domid, host.Directory.ByName.Lookup(VmName.Parse("work")).Value.Domid);
    }

    [Fact]
    public async Task A_rename_shows()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");

        await host.Toolstack.RenameAsync(work, "play");
        host.Pass();

        Assert.False(host.Directory.ByName.Lookup(VmName.Parse("work")).HasValue);
        Assert.Equal(work.Domid, host.Directory.ByName.Lookup(VmName.Parse("play")).Value.Domid);
    }

    [Fact]
    public async Task A_domain_that_appears_without_a_name_is_there_and_gets_its_name_when_it_is_written()
    {
        using var host = new VirtualHost().Start();
        var domid = new Domid(9);
        await host.Dom0.WriteTextAsync(XsPath.Home(domid) / "vm", "/vm/u-9");
        host.Core.Introduce(domid);
        host.Pass();
        Assert.Null(host.Directory.ByDomid.Lookup(domid).Value.Name);

        await host.Dom0.WriteTextAsync(XsPath.Home(domid) / "name", "late");
        host.Pass();

        Assert.Equal(domid, host.Directory.ByName.Lookup(VmName.Parse("late")).Value.Domid);
    }

    [Theory]
    [InlineData("Domain-0")]
    [InlineData("disposable")]
    [InlineData("-dash")]
    [InlineData("a b")]
    [InlineData("<b>")]
    [InlineData("thirty-two-letters-are-one-too-many")]
    public void A_domain_with_a_name_that_may_not_take_part_is_there_without_one(string name)
    {
        using var host = new VirtualHost().Start();
        var domain = host.Create(name);

        Assert.Null(host.Directory.ByDomid.Lookup(domain.Domid).Value.Name);
        Assert.Equal(0, host.Directory.ByName.Count);
    }

    [Fact]
    public async Task A_power_off_has_two_events_and_the_domain_is_dead_after_the_second()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");

        host.Core.Shutdown();
        host.Pass();
        Assert.Equal(1, host.Directory.ByDomid.Count);

        await host.Toolstack.DestroyAsync(work);
        host.Pass();
        Assert.Equal(0, host.Directory.ByDomid.Count);
    }

    [Fact]
    public async Task A_reboot_is_another_domain_under_the_same_uuid_and_name()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");

        var again = await host.Toolstack.RebootAsync(work);
        host.Pass();

        var found = Assert.Single(host.Directory.ByDomid.Items);
        Assert.Equal((again.Domid, work.Uuid.ToString()), (found.Domid, found.Identity.Uuid));
        Assert.NotEqual(work.Domid, again.Domid);
    }

    [Fact]
    public async Task A_store_that_is_emptied_is_no_death_of_anybody()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        host.Write(work.Domid, "new");

        await host.Dom0.RemoveAsync(new XsPath("/local"));
        await host.Dom0.RemoveAsync(new XsPath("/vm"));
        host.Core.Shutdown();
        host.Pass();

        Assert.Equal(1, host.Directory.ByDomid.Count);
        Assert.Empty(host.Begun.OfType<ExchangeCommand.Delete>());
        Assert.IsType<Stage.AtSender>(Assert.Single(host.State.Pendrives).Value.Stage);
    }

    [Fact]
    public void A_store_that_is_lost_ends_the_pipeline_and_deletes_nothing()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        host.Write(work.Domid, "new");

        host.Dom0.Lose();
        host.Pass();

        Assert.IsType<XenstoreConnectionException>(host.Error);
        Assert.Equal(1, host.Directory.ByDomid.Count);
        Assert.Empty(host.Begun.OfType<ExchangeCommand.Delete>());
    }

    [Fact]
    public async Task A_domain_whose_tree_is_gone_but_that_the_server_knows_is_not_dead()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");

        await host.Dom0.RemoveAsync(XsPath.Home(work.Domid));
        host.Core.Shutdown();
        host.Pass();

        Assert.Equal(1, host.Directory.ByDomid.Count);
    }

    [Fact]
    public void Whoever_follows_a_directory_that_is_disposed_of_is_told_that_nothing_more_comes()
    {
        var directory = new DomainDirectory();
        var ended = new List<string>();
        using var byDomid = directory.ByDomid.Connect().Subscribe(_ => { }, () => ended.Add("by domid"));
        using var byName = directory.ByName.Connect().Subscribe(_ => { }, () => ended.Add("by name"));

        directory.Dispose();

        Assert.Equal(["by domid", "by name"], ended.Order());
    }

    [Fact]
    public async Task A_thousand_domains_at_once_each_get_their_pendrive()
    {
        using var host = new VirtualHost();
        var domains = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => host.Toolstack.CreateAsync($"vm{i}")));
        host.Start();

        foreach (var domain in domains) await host.Guest(domain.Domid).WriteTextAsync(new XsPath("device/qpen"), "new");
        host.Pass();

        Assert.Equal(1000, host.Directory.ByName.Count);
        Assert.Equal(1000, host.State.Pendrives.Values.Count(p => p.Stage is Stage.AtSender));
        Assert.All(domains, domain => Assert.Equal(["1 attached xvdg"], host.StatusesOf(domain.Domid)));
    }
}
