using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Embedded;

public class EmbeddedXenstoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_domain_has_its_own_socket_while_it_is_there_and_its_own_rights_on_it()
    {
        using var folder = new TempFolder();
        await using var store = EmbeddedXenstore.Start(folder["store"]);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(Domid.Zero)), Cancel);
        var toolstack = new SimulatedToolstack(dom0, DomainLifecycle.Of(store));
        var work = await toolstack.CreateAsync("work", Cancel);
        await using var guest = await XsClient.ConnectAsync(XsEndpoint.Socket(store.SocketOf(work.Domid)), Cancel);

        Assert.Equal("work", await guest.ReadTextAsync(new XsPath("name"), Cancel));
        await guest.WriteTextAsync(new XsPath("data/x"), "mine", Cancel);
        var denied = await Assert.ThrowsAsync<XenstoreException>(() => guest.WriteTextAsync(new XsPath("device/qpen"), "new", Cancel));
        Assert.Equal(XsError.EACCES, denied.Error);
        Assert.True(await dom0.IsIntroducedAsync(work.Domid, Cancel));

        await toolstack.DestroyAsync(work, Cancel);

        await Assert.ThrowsAsync<XenstoreConnectionException>(() => guest.ReadAsync(new XsPath("name"), Cancel));
        Assert.False(File.Exists(store.SocketOf(work.Domid)));
        Assert.False(await dom0.IsIntroducedAsync(work.Domid, Cancel));
    }
}
