using System.Reactive.Linq;
using Qfx.Daemon.Block;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>What an earlier run left of native disks is taken away, and nothing else.</summary>
public sealed class NativeSweepTests : NativeDisksRig
{
    private static readonly Func<string, DomainIdentity, Vdev, bool> Nobody = (_, _, _) => false;

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

        var swept = await disks.SweepAsync([image, left], Nobody, TimeSpan.FromMinutes(1), Cancel);

        Assert.Empty(swept.Held);
        Assert.Empty(swept.Staying);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
        Assert.Equal("4", await store.ReadTextAsync(VbdNodes.Backend(work.Domid, Vdev.Xvdh) / "state", Cancel));
        Assert.Equal("phy", await store.ReadTextAsync(VbdNodes.Backends / $"{work.Domid}/51712/type", Cancel));
        Assert.Equal(1, loops.Count);
    }

    [Fact]
    public async Task A_disk_whose_attach_was_killed_when_the_guest_had_it_is_taken_away()
    {
        using (var file = ImageFile.Open(image))
        {
            var device = loops.Bind(file);
            await new VbdStore(store, Script).MakeAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, new(image, file.Id, device.Node, device.Major, device.Minor), Cancel);
        }

        await StateIsAsync(Backend, 4);
        await StateIsAsync(Frontend, 4);

        Assert.Empty((await disks.SweepAsync([image], Nobody, TimeSpan.FromMinutes(1), Cancel)).Held);
        Assert.Equal(0, loops.Count);
        Assert.Null(await store.TryReadAsync(Backend, Cancel));
    }

    [Fact]
    public async Task A_sweep_names_the_images_that_a_guest_does_not_let_go_of()
    {
        await AttachAsync();
        kernels.Mood = GuestMood.Clinging;

        Assert.Equal([image], (await disks.SweepAsync([image], Nobody, TimeSpan.FromMilliseconds(50), Cancel)).Held);
        Assert.Equal(1, loops.Count);
    }

    [Fact]
    public async Task A_disk_that_may_stay_stays_as_it_is()
    {
        await AttachAsync();
        var before = await TreeAsync();
        var work = new DomainIdentity(this.work.Domid, this.work.Uuid.ToString());

        var swept = await disks.SweepAsync([image], (file, vm, vdev) => file == image && vm == work && vdev == Vdev.Xvdg, TimeSpan.FromMinutes(1), Cancel);

        Assert.Empty(swept.Held);
        Assert.Equal([new(image, new Slot(work, Vdev.Xvdg))], swept.Staying);
        Assert.Equal(before, await TreeAsync());
        Assert.Equal(1, loops.Count);
        await DetachAsync();
        Assert.Equal(0, loops.Count);
    }

    [Fact]
    public async Task A_disk_that_is_not_Connected_does_not_stay()
    {
        await AttachAsync();
        kernels.Mood = GuestMood.Clinging;
        await guest.WriteTextAsync(Frontend / "state", "5", Cancel);

        var swept = await disks.SweepAsync([image], (_, _, _) => true, TimeSpan.FromMilliseconds(50), Cancel);

        Assert.Empty(swept.Staying);
    }
}
