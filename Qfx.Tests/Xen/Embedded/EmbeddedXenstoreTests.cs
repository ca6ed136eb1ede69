using System.Net.Sockets;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Xen.Embedded;

public class EmbeddedXenstoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(XsType.Directory)]
    [InlineData(XsType.Read)]
    public async Task Whoever_announces_more_than_4096_bytes_is_hung_up_on(XsType type)
    {
        using var folder = new TempFolder();
        await using var store = EmbeddedXenstore.Start(folder["store"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(store.SocketOf(Domid.Zero)), Cancel);
        var header = new byte[XsHeader.Size];
        new XsHeader(type, 1, 0, XsHeader.MaxPayload + 1).Write(header);

        await socket.SendAsync(header, Cancel);

        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancel));
    }

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
