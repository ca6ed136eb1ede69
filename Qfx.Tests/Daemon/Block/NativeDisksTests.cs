using System.Reactive.Linq;
using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Native disks are attached: what is written, and every way it is refused.</summary>
public sealed class NativeDisksTests : NativeDisksRig
{
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
}
