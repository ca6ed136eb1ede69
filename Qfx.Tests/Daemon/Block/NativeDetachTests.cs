using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Native disks are detached: whoever holds them, and whatever is said.</summary>
public sealed class NativeDetachTests : NativeDisksRig
{
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
}
