using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>A restored VM's kernel is shown that a disk which it has kept is not there any more.</summary>
public sealed class DropDeadTests : NativeDisksRig
{
    [Fact]
    public async Task The_VM_gets_an_event_at_the_disk_and_nothing_is_left()
    {
        var before = await store.ListAsync(XsPath.Home(work.Domid) / "device", Cancel);
        var shown = guest.Watch(Frontend).Where(e => e.Kind == WatchKind.Changed).FirstAsync().ToTask(Cancel);
        await guest.TryReadAsync(Frontend, Cancel);    // it is watched

        await DropAsync(work.Uuid.ToString());

        await shown;
        Assert.Null(await store.TryReadAsync(Frontend, Cancel));
        Assert.Equal(before, await store.ListAsync(XsPath.Home(work.Domid) / "device", Cancel));
    }

    [Fact]
    public async Task A_disk_that_is_there_is_left_alone()
    {
        await AttachAsync();
        var nodes = await NodesAsync(Frontend);

        await DropAsync(work.Uuid.ToString());

        Assert.Equal(nodes, await NodesAsync(Frontend));
    }

    [Fact]
    public async Task What_one_that_was_broken_off_has_left_is_no_disk()
    {
        await store.MakeAsync(Frontend, Cancel);

        await DropAsync(work.Uuid.ToString());
        Assert.Null(await store.TryReadAsync(Frontend, Cancel));

        await store.MakeAsync(Frontend, Cancel);
        await AttachAsync();
        Assert.Equal("4", await store.ReadTextAsync(Frontend / "state", Cancel));
    }

    [Fact]
    public async Task Another_domain_under_this_number_is_left_alone()
    {
        var before = await store.ListAsync(XsPath.Home(work.Domid), Cancel);

        await DropAsync(Guid.NewGuid().ToString());

        Assert.Equal(before, await store.ListAsync(XsPath.Home(work.Domid), Cancel));
    }

    [Fact]
    public async Task What_a_toolstack_puts_there_meanwhile_stays()
    {
        using var other = store.Watch(Frontend).Where(e => e.Kind == WatchKind.Changed).Take(1)
            .SelectMany(_ => Observable.FromAsync(() => store.WriteTextAsync(Frontend / "backend", "another"))).Subscribe();
        await store.TryReadAsync(Frontend, Cancel);

        // Whichever of the two comes first: its disk is not removed when it is there.
        await DropAsync(work.Uuid.ToString());

        await store.Watch(Frontend / "backend").Select(_ => Observable.FromAsync(ct => store.TryReadTextAsync(Frontend / "backend", ct))).Concat().FirstAsync(text => text == "another").ToTask(Cancel);
    }

    private Task DropAsync(string uuid) => disks.DropDeadAsync(work.Domid, uuid, Vdev.Xvdg, Cancel);
}
