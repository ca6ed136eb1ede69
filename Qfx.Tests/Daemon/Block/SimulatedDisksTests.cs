using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

public sealed class SimulatedDisksTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly StoreCore core = CoreStore.NewCore();
    private readonly CoreStore store;
    private readonly SimulatedDisks disks;
    private SimulatedDomain work = null!;

    public SimulatedDisksTests()
    {
        store = new(core, Domid.Zero);
        disks = new(store, folder["devices"]);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Xvdg => Path.Combine(folder["devices"], work.Domid.ToString(), "xvdg");

    public async ValueTask InitializeAsync()
    {
        var toolstack = new SimulatedToolstack(store, new((domid, _) => Done(() => core.Introduce(domid)), (_, _) => Task.CompletedTask, (_, _) => Task.CompletedTask));
        work = await toolstack.CreateAsync("work", Cancel);
        await File.WriteAllTextAsync(folder["image"], "image", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task An_attached_image_is_in_the_domains_folder_and_both_ends_are_connected()
    {
        await disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, folder["image"], Cancel);

        Assert.Equal("image", await File.ReadAllTextAsync(Xvdg, Cancel));
        Assert.Equal("4", await store.ReadTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdg) / "state", Cancel));
        Assert.Equal("4", await store.ReadTextAsync(VbdNodes.Frontend(work.Domid, Vdev.Xvdg) / "state", Cancel));
        Assert.Equal(folder["image"], await store.ReadTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdg) / "params", Cancel));
    }

    [Fact]
    public async Task Detaching_goes_through_closing_and_leaves_nothing()
    {
        await disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, folder["image"], Cancel);
        var state = VbdNodes.Backend(work.Domid, Vdev.Xvdg) / "state";
        var seen = new List<string?>();
        using var watch = store.Watch(state).Subscribe(_ => seen.Add(store.TryReadTextAsync(state).Result));
        await disks.DetachAsync(work.Domid, Vdev.Xvdg, folder["image"], dead: false, Cancel);

        Assert.Equal(["4", "5", "6", null], seen);
        Assert.False(Path.Exists(Xvdg));
        Assert.True(File.Exists(folder["image"]));
        Assert.Null(await store.TryReadAsync(VbdNodes.Frontend(work.Domid, Vdev.Xvdg), Cancel));
        await disks.DetachAsync(work.Domid, Vdev.Xvdg, folder["image"], dead: false, Cancel);    // once more is no error
    }

    [Fact]
    public async Task A_disk_of_another_ones_is_left_alone()
    {
        await store.WriteTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdg) / "type", "phy", Cancel);
        var e = await Assert.ThrowsAsync<BlockDeviceException>(() => disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, folder["image"], Cancel));
        await disks.DetachAsync(work.Domid, Vdev.Xvdg, folder["image"], dead: false, Cancel);

        Assert.Equal((BlockDeviceFault.SlotInUse, false), (e.Fault, e.Exposed));
        Assert.Equal("phy", await store.ReadTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdg) / "type", Cancel));
    }

    [Fact]
    public async Task A_domain_that_is_not_there_gets_nothing_and_its_path_is_not_made_again()
    {
        var dead = new Domid(77);
        var e = await Assert.ThrowsAsync<BlockDeviceException>(() => disks.AttachAsync(dead, "", Vdev.Xvdg, folder["image"], Cancel));

        Assert.Equal(BlockDeviceFault.NoDomain, e.Fault);
        Assert.Null(await store.TryReadAsync(XsPath.Home(dead), Cancel));
    }

    [Fact]
    public async Task A_sweep_takes_away_what_an_earlier_run_left_and_nothing_else()
    {
        await disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, folder["image"], Cancel);
        var other = Path.Combine(Path.GetDirectoryName(Xvdg)!, "xvda");
        await File.WriteAllTextAsync(other, "root", Cancel);
        await disks.SweepAsync([], (_, _, _) => false, TimeSpan.FromSeconds(30), Cancel);

        Assert.False(Path.Exists(Xvdg));
        Assert.True(File.Exists(other));
        Assert.Null(await store.TryReadAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdg), Cancel));
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
