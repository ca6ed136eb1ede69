using System.Text;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Requests;

public class RequestSourceTests
{
    private static readonly XsPath Qpen = new("device/qpen");

    [Fact]
    public async Task A_domain_gets_its_keys_with_the_rights_of_the_protocol_and_a_first_status()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        var guest = host.Guest(work.Domid);

        Assert.Empty((await guest.ReadAsync(Qpen)));
        Assert.Equal("n0 b1", (await guest.GetPermissionsAsync(Qpen)).ToString());
        Assert.Equal("0 ready qfx/1 max=1024", Encoding.ASCII.GetString((await guest.ReadAsync(new("qubes_pen_status")))));
        Assert.Equal("n0 r1", (await guest.GetPermissionsAsync(new("qubes_pen_status"))).ToString());
    }

    [Fact]
    public async Task Taking_is_consuming_so_the_same_words_later_are_another_request()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");

        host.Write(work.Domid, "cancel").Write(work.Domid, "cancel");

        Assert.Empty((await host.Guest(work.Domid).ReadAsync(Qpen)));
        Assert.Equal(["1 no-pendrive there is nothing to cancel", "2 no-pendrive there is nothing to cancel"], host.StatusesOf(work.Domid));
    }

    [Fact]
    public async Task An_empty_value_a_child_node_a_permission_change_and_a_deleted_key_are_no_requests()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        var guest = host.Guest(work.Domid);

        host.Write(work.Domid, "");
        await guest.WriteTextAsync(Qpen / "child", "new");
        host.Pass();
        await host.Dom0.SetPermissionsAsync(QpenNode.Of(work.Domid), XsPermissions.GuestWrites(work.Domid));
        host.Pass();
        await guest.RemoveAsync(Qpen);
        host.Pass();

        Assert.Equal(0, host.State.Vms[work.Domid].Taken);
        Assert.Empty(host.StatusesOf(work.Domid));
    }

    [Fact]
    public async Task A_key_that_the_guest_has_deleted_is_made_again_and_works()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        await host.Guest(work.Domid).RemoveAsync(Qpen);
        host.Pass();

        Assert.Equal("n0 b1", (await host.Guest(work.Domid).GetPermissionsAsync(Qpen)).ToString());
        host.Write(work.Domid, "new");
        Assert.Equal(["1 attached xvdg"], host.StatusesOf(work.Domid));
    }

    [Fact]
    public async Task What_lies_in_the_key_when_the_daemon_starts_is_answered_restarted_and_not_carried_out()
    {
        using var host = new VirtualHost();
        var work = await host.Toolstack.CreateAsync("work");
        await host.Dom0.WriteTextAsync(QpenNode.Of(work.Domid), "new");
        await host.Dom0.WriteTextAsync(QpenNode.StatusOf(work.Domid), "7 attached xvdg");

        host.Start();

        Assert.Equal(["8 restarted the daemon was started anew, ask again"], host.StatusesOf(work.Domid));
        Assert.Empty(host.Begun.OfType<ExchangeCommand.Make>());
        host.Write(work.Domid, "new");
        Assert.Equal("9 attached xvdg", host.StatusesOf(work.Domid).Last());
    }

    [Theory]
    [InlineData("7 asking the person", "7 restarted the daemon was started anew, ask again")]
    [InlineData("7 waiting", "7 restarted the daemon was started anew, ask again")]
    [InlineData("7 attached asking", null)]
    [InlineData("7 sent to personal", null)]
    public async Task What_an_earlier_run_left_open_is_answered_restarted(string left, string? answer)
    {
        using var host = new VirtualHost();
        var work = await host.Toolstack.CreateAsync("work");
        await host.Dom0.WriteTextAsync(QpenNode.Of(work.Domid), "");
        await host.Dom0.WriteTextAsync(QpenNode.StatusOf(work.Domid), left);

        host.Start();

        Assert.Equal(answer is null ? [] : [answer], host.StatusesOf(work.Domid));
    }

    [Theory]
    [InlineData("7 attached xvdg", 7, "8 restarted the daemon was started anew, ask again")]
    [InlineData("7 asking the person", 7, "8 restarted the daemon was started anew, ask again")]    // a cancel, say
    [InlineData("0 ready qfx/1", 0, "1 restarted the daemon was started anew, ask again")]
    [InlineData("8 attached xvdg", 7, null)]
    public async Task What_an_earlier_run_took_and_said_nothing_of_is_answered_restarted(string status, int taken, string? answer)
    {
        using var host = new VirtualHost();
        var work = await host.Toolstack.CreateAsync("work");
        await host.Dom0.WriteTextAsync(QpenNode.Of(work.Domid), "");
        await host.Dom0.WriteTextAsync(QpenNode.StatusOf(work.Domid), status);
        host.Notes.Said(IdentityOf(work), taken);
        host.Notes.Take(IdentityOf(work));

        host.Start();

        Assert.Equal(answer is null ? [] : [answer], host.StatusesOf(work.Domid));
    }

    [Fact]
    public async Task Taking_is_noted_and_how_far_the_status_counted_when_the_domain_was_first_seen()
    {
        using var host = new VirtualHost();
        var work = await host.Toolstack.CreateAsync("work");
        await host.Dom0.WriteTextAsync(QpenNode.StatusOf(work.Domid), "4 attached xvdg");
        host.Start();
        Assert.Equal(0, host.Notes.Open(IdentityOf(work), 4));

        host.Write(work.Domid, "new");
        Assert.Equal(1, host.Notes.Open(IdentityOf(work), 4));
    }

    [Fact]
    public async Task What_a_domain_that_appears_later_has_written_already_is_taken()
    {
        using var host = new VirtualHost().Start();
        var domid = new Domid(1);
        await host.Dom0.WriteTextAsync(XsPath.Home(domid) / "vm", "/vm/u");
        await host.Dom0.WriteTextAsync(XsPath.Home(domid) / "name", "work");
        await host.Dom0.WriteTextAsync(QpenNode.Of(domid), "new");
        host.Core.Introduce(domid);
        host.Pass();

        Assert.Equal(["1 attached xvdg"], host.StatusesOf(domid));
    }

    [Fact]
    public async Task A_dead_domains_path_is_not_made_again()
    {
        using var host = new VirtualHost().Start();
        var work = host.Create("work");
        host.Write(work.Domid, "new");
        await host.Toolstack.DestroyAsync(work);
        host.Pass();

        var gone = await Assert.ThrowsAsync<XenstoreException>(() => host.Dom0.ListAsync(XsPath.Home(work.Domid)));
        Assert.Equal(XsError.ENOENT, gone.Error);
        Assert.Empty(host.State.Pendrives);
        Assert.Empty(host.State.Vms);
    }

    private static DomainIdentity IdentityOf(SimulatedDomain domain) => new(domain.Domid, domain.Uuid.ToString());
}
