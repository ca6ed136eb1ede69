using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon with a thousand domains on the real C xenstored, which is killed (SIGKILL) and started again.</summary>
/// <remarks>Few tests that do much: with a thousand domains the server needs a good part of a millisecond for each request.</remarks>
public sealed class KilledServerTests
{
    /// <summary>At most this many watches, where there is one for all.</summary>
    private const int Few = 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>
    /// Filled again before the daemon is back: what changed meanwhile is found, and nothing else is. Left empty then: nobody is
    /// taken for dead.
    /// </summary>
    [Theory]
    [InlineData(ThousandDomains.Many - 1, ThousandDomains.Many - 1)]
    [InlineData(ThousandDomains.Covered, 1)]
    public async Task Killed_and_filled_again_nothing_is_missed_killed_and_left_empty_nobody_is_dead(int domains, int watches)
    {
        await using var rig = await ThousandDomains.StartAsync(domains, real: true);
        Assert.InRange(rig.Watches, watches, watches + Few);
        var contents = await StoreCopy.OfAsync(rig.Dom0, Cancel);
        rig.Proxy.Break(refuse: true);
        await rig.Real!.RestartAsync(Cancel);
        await using (var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(rig.Real.SocketPath), Cancel))
            await FilledAgainAsync(rig, dom0, contents);
        Assert.InRange(rig.Watches, watches, watches + Few);

        rig.Proxy.Break(refuse: true);
        await rig.Real.RestartAsync(Cancel);
        rig.Proxy.Allow();
        await using (var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(rig.Real.SocketPath), Cancel))
            await LeftEmptyAsync(rig, dom0);
    }

    private static async Task FilledAgainAsync(ThousandDomains rig, XsClient dom0, StoreCopy contents)
    {
        var (asks, died, renamed, late) = (rig.Domains[10], rig.Domains[20], rig.Domains[30], new Domid(5000));
        Assert.False(await dom0.IsIntroducedAsync(asks.Domid, Cancel));
        Assert.Null(await dom0.TryReadAsync(XsPath.Home(asks.Domid), Cancel));
        await contents.PutAsync(dom0, Cancel);
        await RealXenstored.IntroduceAsync(dom0, rig.Domains.Where(domain => domain != died).Select(domain => domain.Domid), Cancel);
        await dom0.RemoveAsync(XsPath.Home(died.Domid), Cancel);
        await dom0.WriteTextAsync(XsPath.Home(renamed.Domid) / "name", "renamed", Cancel);
        await dom0.WriteTextAsync(QpenNode.Of(asks.Domid), "cancel", Cancel);
        await AppearAsync(dom0, late, "late");

        rig.Happened.Clear();
        var seen = rig.ExpectAsync(
            Asks(asks),
            e => e is ExchangeEvent.DomainGone gone && gone.Domain.Domid == died.Domid,
            e => e is ExchangeEvent.NameBound bound && bound.Name.ToString() == "renamed",
            Prepared(late));
        rig.Proxy.Allow();
        await seen;

        var some = rig.Domains.Where((domain, i) => i % 25 == 0 && domain != died).ToArray();
        var heard = rig.ExpectAsync([.. some.Select(Asks)]);
        await Task.WhenAll(some.Select(domain => dom0.WriteTextAsync(QpenNode.Of(domain.Domid), "cancel", Cancel)));
        await heard;
        Assert.Equal([died.Domid], rig.Happened.OfType<ExchangeEvent.DomainGone>().Select(gone => gone.Domain.Domid));
        Assert.Equal([late], rig.Happened.OfType<ExchangeEvent.DomainAppeared>().Select(appeared => appeared.Domain.Domid));
        Assert.Equal(["renamed"], rig.Happened.OfType<ExchangeEvent.NameBound>().Select(bound => bound.Name.ToString()).Where(name => name != "late"));
    }

    private static async Task LeftEmptyAsync(ThousandDomains rig, XsClient dom0)
    {
        rig.Happened.Clear();
        var probe = new Domid(6000);
        var probed = rig.ExpectAsync(Prepared(probe));
        await AppearAsync(dom0, probe, "probe");
        await probed;    // all that was there before has been looked at
        Assert.DoesNotContain(rig.Happened, e => e is ExchangeEvent.DomainGone or ExchangeEvent.NameFreed);
        Assert.Equal([probe.ToString()], await dom0.ListAsync(new("/local/domain"), Cancel));    // nothing was made for the others
    }

    private static async Task AppearAsync(XsClient dom0, Domid domid, string name)
    {
        await dom0.WriteTextAsync(XsPath.Home(domid) / "vm", $"/vm/{domid}", Cancel);
        await dom0.WriteTextAsync(XsPath.Home(domid) / "name", name, Cancel);
        await RealXenstored.IntroduceAsync(dom0, [domid], Cancel);
    }

    private static Func<ExchangeEvent, bool> Asks(SimulatedDomain domain) =>
        e => e is ExchangeEvent.Qpen { What: QpenEvent.Taken taken } && taken.From.Domid == domain.Domid;

    private static Func<ExchangeEvent, bool> Prepared(Domid domid) =>
        e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared prepared } && prepared.From.Domid == domid;
}
