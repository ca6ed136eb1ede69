using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon with a thousand domains, and its connection to xenstored taken away.</summary>
public sealed class LostConnectionTests : IAsyncLifetime
{
    private static readonly Domid Probe = new(5000);

    private ThousandDomains rig = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => rig = await ThousandDomains.StartAsync();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Fact]
    public async Task What_happens_while_it_is_away_is_found_when_it_is_back()
    {
        rig.Proxy.Break(refuse: true);
        await rig.Dom0.WriteTextAsync(QpenNode.Of(rig.Domains[10].Domid), "cancel", Cancel);
        await rig.Toolstack.DestroyAsync(rig.Domains[20], Cancel);
        await rig.Toolstack.RenameAsync(rig.Domains[30], "renamed", Cancel);
        var late = await rig.Toolstack.CreateAsync("late", Cancel);
        var seen = rig.ExpectAsync(
            e => e is ExchangeEvent.Qpen { What: QpenEvent.Taken taken } && taken.From.Domid == rig.Domains[10].Domid,
            e => e is ExchangeEvent.DomainGone gone && gone.Domain.Domid == rig.Domains[20].Domid,
            e => e is ExchangeEvent.NameBound bound && bound.Name.ToString() == "renamed",
            e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared prepared } && prepared.From.Domid == late.Domid);
        rig.Proxy.Allow();
        await seen;

        await rig.Dom0.WriteTextAsync(QpenNode.Of(rig.Domains[999].Domid), "cancel", Cancel);
        await rig.ExpectAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Taken taken } && taken.From.Domid == rig.Domains[999].Domid);
    }

    [Fact]
    public async Task A_server_that_was_killed_and_filled_again_is_as_if_it_had_not_been()
    {
        using var otherFolder = new TempFolder();
        await using var other = EmbeddedXenstore.Start(otherFolder["store"]);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(other.SocketOf(Domid.Zero)), Cancel);
        await ThousandDomains.FillAsync(new(dom0, DomainLifecycle.Of(other)));
        rig.Proxy.Break(refuse: true);
        rig.Proxy.Target = other.SocketOf(Domid.Zero);
        rig.Proxy.Allow();

        var probed = ProbedAsync();
        var seen = rig.ExpectAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Taken taken } && taken.From.Domid == rig.Domains[7].Domid);
        await ProbeAsync(other, dom0);
        await probed;
        await dom0.WriteTextAsync(QpenNode.Of(rig.Domains[7].Domid), "cancel", Cancel);
        await seen;
        Assert.DoesNotContain(rig.Happened, e => e is ExchangeEvent.DomainGone or ExchangeEvent.NameFreed
            || (e is ExchangeEvent.DomainAppeared appeared && appeared.Domain.Domid != Probe));
    }

    [Fact]
    public async Task A_server_that_stays_empty_is_the_death_of_nobody()
    {
        using var otherFolder = new TempFolder();
        await using var other = EmbeddedXenstore.Start(otherFolder["store"]);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(other.SocketOf(Domid.Zero)), Cancel);
        await dom0.RemoveAsync(new("/local"), Cancel);
        await dom0.RemoveAsync(new("/vm"), Cancel);
        rig.Proxy.Break(refuse: true);
        rig.Proxy.Target = other.SocketOf(Domid.Zero);
        rig.Proxy.Allow();
        var probed = ProbedAsync();
        await ProbeAsync(other, dom0);
        await probed;

        Assert.DoesNotContain(rig.Happened, e => e is ExchangeEvent.DomainGone or ExchangeEvent.NameFreed);
        Assert.Equal([Probe.ToString()], await dom0.ListAsync(new("/local/domain"), Cancel));    // nothing was made for the others
    }

    /// <summary>One domain more: when it is prepared, everything that was there before has been looked at.</summary>
    private static async Task ProbeAsync(EmbeddedXenstore other, XsClient dom0)
    {
        await dom0.WriteTextAsync(XsPath.Home(Probe) / "vm", "/vm/probe", Cancel);
        await dom0.WriteTextAsync(XsPath.Home(Probe) / "name", "probe", Cancel);
        other.Introduce(Probe);
    }

    private Task ProbedAsync() => rig.ExpectAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared prepared } && prepared.From.Domid == Probe);
}
