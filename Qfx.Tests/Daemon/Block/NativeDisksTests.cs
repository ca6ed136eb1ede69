using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Native disks on the embedded xenstore, between two kernels that are played.</summary>
public sealed class NativeDisksTests : IAsyncLifetime
{
    private const string Script = "/usr/lib/qfx/vbd-script";

    private readonly TempFolder folder = new();
    private readonly FakeLoops loops = new();
    private EmbeddedXenstore server = null!;
    private XsClient store = null!;
    private XsClient guest = null!;
    private SimulatedToolstack toolstack = null!;
    private SimulatedDomain work = null!;
    private FakeKernels kernels = null!;
    private NativeDisks disks = null!;
    private string image = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private XsPath Backend => VbdNodes.Backend(work.Domid, Vdev.Xvdg);

    private XsPath Frontend => VbdNodes.Frontend(work.Domid, Vdev.Xvdg);

    private XsPath Record => VbdNodes.Record(work.Domid, Vdev.Xvdg);

    private FileId ImageId
    {
        get
        {
            using var file = ImageFile.Identify(image);
            return file.Id;
        }
    }

    public async ValueTask InitializeAsync()
    {
        server = EmbeddedXenstore.Start(folder["store"]);
        store = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
        toolstack = new(store, DomainLifecycle.Of(server));
        work = await toolstack.CreateAsync("work", Cancel);
        await store.MakeAsync(VbdNodes.Toolstack(work.Domid), Cancel);
        guest = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(work.Domid)), Cancel);
        kernels = new(store, guest, work.Domid, loops);
        disks = new(store, new VbdStore(store, Script), loops);
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
    public async Task A_disk_has_the_nodes_and_permissions_that_libxl_and_both_kernels_want()
    {
        kernels.Mood = GuestMood.Blind;
        var attach = AttachAsync();
        await StateIsAsync(Backend, 2);

        string[] described =
        [
            "bootable=0", "dev=xvdg", "device-type=disk", "discard-enable=0", "frontend-id=1", "mode=w", "online=1", $"params={image}", "removable=1",
            $"script={Script}", "specification=xen", "type=phy",
        ];
        Assert.Equal<string[]>(
            [.. described.Concat([$"frontend={Frontend}", "hotplug-status=connected", "node=/dev/loop0", "physical-device=7:0",
                "physical-device-path=/dev/loop0", $"qfx={ImageId}", "state=2"]).Order(StringComparer.Ordinal)],
            await NodesAsync(Backend));
        Assert.Equal<string[]>(
            ["backend-id=0", $"backend={Backend}", "device-type=disk", "state=1", "trusted=1", "virtual-device=51808"], await NodesAsync(Frontend));
        Assert.Equal<string[]>([.. described.Concat([$"backend={Backend}", $"frontend={Frontend}", "state=1"]).Order(StringComparer.Ordinal)], await NodesAsync(Record));

        foreach (var node in new[] { Backend, Backend / "qfx", Backend / "state", Backend / "physical-device" })
            Assert.Equal("n0 r1", (await store.GetPermissionsAsync(node, Cancel)).ToString());
        foreach (var node in new[] { Frontend, Frontend / "state", Frontend / "backend" })
            Assert.Equal("n1 r0", (await store.GetPermissionsAsync(node, Cancel)).ToString());
        foreach (var node in new[] { Record, Record / "type" }) Assert.Equal("n0", (await store.GetPermissionsAsync(node, Cancel)).ToString());

        await kernels.BecomeAsync(GuestMood.Willing);
        await attach;
    }

    [Fact]
    public async Task An_attach_ends_when_both_ends_are_connected_and_leaves_the_loop_device_to_the_kernel()
    {
        await AttachAsync();

        Assert.Equal("4", await store.ReadTextAsync(Backend / "state", Cancel));
        Assert.Equal("4", await store.ReadTextAsync(Frontend / "state", Cancel));
        Assert.Equal(1, loops.Count);
        await store.RemoveAsync(Backend, Cancel);    // as xl would; the daemon does nothing
        await store.RemoveAsync(Frontend, Cancel);
        await UntilAsync(() => loops.Count == 0);
    }

    [Fact]
    public async Task A_detach_leaves_no_node_no_empty_folder_and_no_loop_device()
    {
        var before = await TreeAsync();
        await AttachAsync();
        await DetachAsync();

        Assert.Equal(before, await TreeAsync());
        Assert.Equal(0, loops.Count);
        await DetachAsync();    // once more is no error
    }

    [Fact]
    public async Task A_detach_waits_for_a_guest_that_does_not_let_go_and_ends_when_it_does()
    {
        await AttachAsync();
        kernels.Mood = GuestMood.Clinging;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var first = DetachAsync(limit.Token);
        await StateIsAsync(Backend, 5);
        Assert.False(first.IsCompleted);
        Assert.Equal("0", await store.ReadTextAsync(Backend / "online", Cancel));
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, loops.Count);

        var second = DetachAsync();
        await kernels.BecomeAsync(GuestMood.Willing);
        await second;
        Assert.Equal(0, loops.Count);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
    }

    [Fact]
    public async Task A_guest_that_says_Closed_while_its_backend_still_has_the_disk_is_not_believed()
    {
        await AttachAsync();
        var other = loops.Open(0);    // the backend has not let go yet
        var detach = DetachAsync();
        await StateIsAsync(Backend, 6);

        Assert.True(other);
        Assert.False(detach.IsCompleted);
        Assert.NotNull(await store.TryReadAsync(Backend, Cancel));
        loops.Close(0);
        await detach;
    }

    [Fact]
    public async Task A_guest_that_deletes_its_end_loses_the_disk_and_the_detach_ends()
    {
        await AttachAsync();
        await guest.RemoveAsync(new("device/vbd/51808"), Cancel);
        await UntilAsync(() => loops.Count == 0);
        await DetachAsync();

        Assert.Null(await store.TryReadAsync(Backend, Cancel));
    }

    [Fact]
    public async Task A_dead_domains_disk_is_removed_at_once_and_nobody_is_asked()
    {
        await AttachAsync();
        kernels.Mood = GuestMood.Clinging;
        await DetachAsync(dead: true);

        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Null(await store.TryReadAsync(Frontend, Cancel));
        Assert.Null(await store.TryReadAsync(Record, Cancel));
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_dead_domains_path_that_the_toolstack_has_removed_is_not_made_again()
    {
        await AttachAsync();
        await store.RemoveAsync(VbdNodes.Toolstack(work.Domid), Cancel);
        await toolstack.DestroyAsync(work, Cancel);
        await DetachAsync(dead: true);

        Assert.Null(await store.TryReadAsync(XsPath.Home(work.Domid), Cancel));
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal(0, loops.Count);
    }

    [Theory]
    [InlineData("backend")]
    [InlineData("frontend")]
    [InlineData("record")]
    public async Task A_disk_of_another_ones_is_left_alone(string where)
    {
        var place = where switch { "backend" => Backend, "frontend" => Frontend, _ => Record };
        await store.WriteTextAsync(place / "dev", "xvdg", Cancel);
        var before = await TreeAsync();
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);
        await DetachAsync();

        Assert.Equal((BlockDeviceFault.SlotInUse, false), (e.Fault, e.Exposed));
        Assert.Equal(before, await TreeAsync());
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_disk_of_ours_over_another_image_is_left_alone()
    {
        await AttachAsync();
        var second = folder["second"];
        await File.WriteAllTextAsync(second, "", Cancel);
        await disks.DetachAsync(work.Domid, Vdev.Xvdg, second, dead: true, Cancel);

        Assert.Equal("4", await store.ReadTextAsync(Backend / "state", Cancel));
        Assert.Equal(1, loops.Count);
    }

    [Fact]
    public async Task A_domain_that_is_not_there_or_another_one_by_now_gets_nothing()
    {
        var before = await TreeAsync();
        foreach (var (domid, uuid) in new[] { (new Domid(77), ""), (new Domid(77), work.Uuid.ToString()), (work.Domid, Guid.NewGuid().ToString()) })
        {
            var e = await Assert.ThrowsAsync<BlockDeviceException>(() => disks.AttachAsync(domid, uuid, Vdev.Xvdg, image, Cancel));
            Assert.Equal((BlockDeviceFault.NoDomain, false), (e.Fault, e.Exposed));
        }

        Assert.Equal(before, await TreeAsync());
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task Without_libxl_no_record_is_written_for_it()
    {
        await store.RemoveAsync(VbdNodes.Toolstack(work.Domid), Cancel);
        await AttachAsync();

        Assert.Null(await store.TryReadAsync(VbdNodes.Toolstack(work.Domid), Cancel));
        await DetachAsync();
    }

    [Fact]
    public async Task An_attach_that_is_broken_off_keeps_the_loop_device_until_the_disk_is_detached()
    {
        kernels.Mood = GuestMood.Blind;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var attach = disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, image, limit.Token);
        await StateIsAsync(Backend, 2);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attach);
        Assert.Equal(1, loops.Count);

        await DetachAsync();    // nobody has to let go: the guest never took it
        Assert.Equal(0, loops.Count);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
    }

    [Fact]
    public async Task A_guest_that_refuses_the_disk_fails_the_attach()
    {
        kernels.Mood = GuestMood.Refusing;
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);
        Assert.Equal((BlockDeviceFault.Failed, true), (e.Fault, e.Exposed));
        Assert.Contains("the frontend Closed", e.Message, StringComparison.Ordinal);

        await DetachAsync();
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_backend_that_cannot_open_the_device_fails_the_attach_with_the_kernels_reason()
    {
        kernels.Broken = true;
        var before = await TreeAsync();
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);
        Assert.Contains("6 opening", e.Message, StringComparison.Ordinal);

        await DetachAsync(dead: true);
        Assert.Equal(before, await TreeAsync());
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task Without_a_loop_device_nothing_is_written()
    {
        loops.Broken = "no loop device is free";
        var before = await TreeAsync();
        var e = await Assert.ThrowsAsync<BlockDeviceException>(AttachAsync);

        Assert.Equal((BlockDeviceFault.Failed, false), (e.Fault, e.Exposed));
        Assert.Equal(before, await TreeAsync());
    }

    [Fact]
    public async Task What_is_no_regular_file_is_never_attached()
    {
        File.CreateSymbolicLink(folder["link"], image);
        foreach (var path in new[] { folder["link"], folder["none"], folder.Path, "/dev/null" })
            await Assert.ThrowsAsync<BlockDeviceException>(() => disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, path, Cancel));

        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_sweep_takes_away_our_disks_and_loop_devices_over_the_images_and_nothing_else()
    {
        await AttachAsync();
        var (foreign, left) = (folder["foreign"], folder["left"]);
        await File.WriteAllTextAsync(foreign, "", Cancel);
        await File.WriteAllTextAsync(left, "", Cancel);
        await disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdh, foreign, Cancel);    // of another spool
        using (var file = ImageFile.Open(left)) loops.Bind(file);    // bound, and then the daemon ended
        await store.WriteTextAsync(VbdNodes.Backends / $"{work.Domid}/51712/type", "phy", Cancel);

        var held = await disks.SweepAsync([image, left], TimeSpan.FromMinutes(1), Cancel);

        Assert.Empty(held);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal("4", await store.ReadTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdh) / "state", Cancel));
        Assert.Equal("phy", await store.ReadTextAsync(VbdNodes.Backends / $"{work.Domid}/51712/type", Cancel));
        Assert.Equal(1, loops.Count);
    }

    [Fact]
    public async Task A_sweep_names_the_images_that_a_guest_does_not_let_go_of()
    {
        await AttachAsync();
        kernels.Mood = GuestMood.Clinging;

        Assert.Equal([image], await disks.SweepAsync([image], TimeSpan.FromMilliseconds(50), Cancel));
        Assert.Equal(1, loops.Count);
    }

    private Task AttachAsync() => disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, image, Cancel);

    private Task DetachAsync(bool dead = false) => disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead, Cancel);

    private Task DetachAsync(CancellationToken cancel) => disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead: false, cancel);

    private async Task StateIsAsync(XsPath end, int state) => await store.Watch(end / "state")
        .Select(_ => Observable.FromAsync(ct => store.TryReadTextAsync(end / "state", ct))).Concat()
        .FirstAsync(text => text == $"{state}").ToTask(Cancel);

    /// <summary>Waits for what an event of the store or a loop device brings.</summary>
    private async Task UntilAsync(Func<bool> so) => await loops.Closings("").Merge(store.Watch(XsPath.Root).Select(_ => System.Reactive.Unit.Default))
        .FirstAsync(_ => so()).ToTask(Cancel);

    private async Task<string[]> NodesAsync(XsPath end)
    {
        var names = await store.ListAsync(end, Cancel);
        return [.. (await Task.WhenAll(names.Select(async name => $"{name}={await store.ReadTextAsync(end / name, Cancel)}"))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Every path there is.</summary>
    private async Task<string[]> TreeAsync()
    {
        var all = new List<string>();
        async Task WalkAsync(XsPath path)
        {
            foreach (var name in await store.ListAsync(path, Cancel))
            {
                all.Add((path / name).ToString());
                await WalkAsync(path / name);
            }
        }

        await WalkAsync(XsPath.Root);
        return [.. all.Order(StringComparer.Ordinal)];
    }
}
