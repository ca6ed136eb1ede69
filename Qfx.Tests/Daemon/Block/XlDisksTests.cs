using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Disks that xl attaches, on the embedded xenstore, with an xl that is played.</summary>
public sealed class XlDisksTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly FakeLoops loops = new();
    private EmbeddedXenstore server = null!;
    private XsClient store = null!;
    private XsClient guest = null!;
    private SimulatedDomain work = null!;
    private FakeKernels kernels = null!;
    private FakeXl xl = null!;
    private XlDisks disks = null!;
    private string image = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private XsPath Backend => VbdNodes.Backend(work.Domid, Vdev.Xvdg);

    public async ValueTask InitializeAsync()
    {
        server = EmbeddedXenstore.Start(folder["store"]);
        store = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
        work = await new SimulatedToolstack(store, DomainLifecycle.Of(server)).CreateAsync("work", Cancel);
        await store.MakeAsync(VbdNodes.Toolstack(work.Domid), Cancel);
        guest = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(work.Domid)), Cancel);
        kernels = new(store, guest, work.Domid, loops);
        xl = new(store, loops, work.Uuid.ToString());
        disks = new(store, new VbdStore(store, "/none"), loops, xl);
        image = folder["image"];
        await File.WriteAllTextAsync(image, "image", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        kernels.Dispose();
        await guest.DisposeAsync();
        await store.DisposeAsync();
        await server.DisposeAsync();
        loops.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_disk_that_xl_has_attached_is_connected_and_bears_our_mark()
    {
        await AttachAsync();

        using var file = ImageFile.Identify(image);
        Assert.Equal("4", await store.ReadTextAsync(Backend / "state", Cancel));
        Assert.Equal(file.Id.ToString(), await store.ReadTextAsync(Backend / VbdStore.Mark, Cancel));
    }

    [Fact]
    public async Task A_detach_is_xls_and_leaves_nothing()
    {
        await AttachAsync();
        await DetachAsync();

        Assert.Equal(["attach 1 xvdg", "detach 1 xvdg"], xl.Asked);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task What_a_failed_attach_leaves_is_taken_away()
    {
        xl.FailsHalfway = true;
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);
        Assert.True(e.Exposed);
        Assert.NotNull(await store.TryReadAsync(Backend, Cancel));

        await DetachAsync();
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Null(await store.TryReadAsync(VbdNodes.Frontend(work.Domid, Vdev.Xvdg), Cancel));
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_disk_of_another_ones_is_left_alone_and_xl_is_not_asked()
    {
        await store.WriteTextAsync(Backend / "params", "/another", Cancel);
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);
        await DetachAsync();

        Assert.Equal((BlockDeviceFault.SlotInUse, false), (e.Fault, e.Exposed));
        Assert.Empty(xl.Asked);
        Assert.Equal("/another", await store.ReadTextAsync(Backend / "params", Cancel));
    }

    [Fact]
    public async Task A_dead_domain_is_not_xls_business()
    {
        await AttachAsync();
        await disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead: true, Cancel);

        Assert.Equal(["attach 1 xvdg"], xl.Asked);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_disk_that_xl_has_given_to_the_next_life_after_a_reboot_is_taken_from_it()
    {
        await AttachAsync();
        var earlier = new Domid(77);
        await disks.DetachAsync(earlier, Vdev.Xvdg, image, dead: true, Cancel);    // the life that died; the disk is at the next one

        Assert.Equal("detach 1 xvdg", xl.Asked[^1]);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal(0, loops.Count);
    }

    private Task AttachAsync() => disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, image, Cancel);

    private Task DetachAsync() => disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead: false, Cancel);

    /// <summary>What xl and Xen's block script do: a loop device, the nodes, no mark.</summary>
    private sealed class FakeXl(XsClient store, FakeLoops loops, string uuid) : IToolstack
    {
        private readonly VbdStore vbds = new(store, "/etc/xen/scripts/block");

        public List<string> Asked { get; } = [];

        public bool FailsHalfway { get; set; }

        public async Task AttachAsync(Domid domid, Vdev vdev, string file, CancellationToken cancel)
        {
            Asked.Add($"attach {domid} {vdev.Name}");
            using var image = ImageFile.Identify(file);
            var device = loops.BindFile(image.Id, file);
            await vbds.MakeAsync(domid, uuid, vdev, new(file, image.Id, device.Node, device.Major, device.Minor), cancel);
            await store.RemoveAsync(VbdNodes.Backend(domid, vdev) / VbdStore.Mark, cancel);
            if (FailsHalfway) throw new BlockDeviceException(BlockDeviceFault.Failed, "xl ended with 1", exposed: true);
        }

        public async Task<bool> DetachAsync(Domid domid, Vdev vdev, CancellationToken cancel)
        {
            Asked.Add($"detach {domid} {vdev.Name}");
            var file = await store.ReadTextAsync(VbdNodes.Backend(domid, vdev) / "params", cancel);
            using var image = ImageFile.Identify(file);
            await vbds.RemoveAsync(domid, vdev, file, image.Id, cancel);
            foreach (var device in loops.Over(image)) loops.Free(device, image.Id);
            return true;
        }
    }
}
