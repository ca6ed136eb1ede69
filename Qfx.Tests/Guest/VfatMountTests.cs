using System.Globalization;
using System.Security.Cryptography;
using Qfx.Daemon.Images;
using Qfx.Guest;
using Qfx.Guest.Copying;
using Qfx.Guest.Pendrive;
using Qfx.Guest.Progress;
using Qfx.Tests.Guest.Copying;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest;

/// <summary>Real vfat volumes on real loop devices, made as the daemon makes them, mounted as a guest mounts them.</summary>
/// <remarks>The runner is root in a mount namespace of its own (<c>unshare --mount</c>): see <see cref="LoopPendrive"/> for what is skipped.</remarks>
[Collection("mounts")]
public sealed class VfatMountTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Names_in_any_language_and_paths_of_300_characters_are_equal_at_the_receiver()
    {
        Trees.Fill(folder["tree"]);
        await SameAtTheReceiverAsync();
    }

    [Fact]
    public async Task Ten_thousand_small_files_are_equal_at_the_receiver()
    {
        for (var i = 0; i < 10_000; i++) Trees.Write(folder["tree"], string.Create(CultureInfo.InvariantCulture, $"folder {i / 500}/file number {i}.txt"), [(byte)(i & 255), (byte)(i >> 8)]);
        await SameAtTheReceiverAsync();
    }

    [Fact]
    public async Task The_largest_file_that_vfat_can_hold_is_equal_at_the_receiver()
    {
        Directory.CreateDirectory(folder["tree"]);
        using (var file = File.OpenHandle(folder["tree/largest"], FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.SetLength(file, VfatRules.LargestFile);
            foreach (var at in new[] { 0, 1L << 31, VfatRules.LargestFile - 4096 }) RandomAccess.Write(file, RandomNumberGenerator.GetBytes(4096), at);
        }

        // fsck.vfat 4.2 counts the bytes of a chain in 32 bits, and takes these 4 GiB for none, also on a volume of mkfs.vfat's own.
        await SameAtTheReceiverAsync(check: false);
    }

    [Fact]
    public async Task Ended_in_the_middle_nothing_is_mounted_any_more()
    {
        Trees.Write(folder["tree"], "large", new byte[30_000_000]);
        await using var pendrive = await LoopPendrive.MakeAsync(folder, 64);
        var plan = Scan.Of([folder["tree"]], new VfatRules(), follow: false, Cancel);
        using var stop = new CancellationTokenSource();
        var view = new TreeCopyTests.Readings
        {
            Then = reading =>
            {
                if (reading.Done > 0) stop.Cancel();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Mounted().PutAsync(pendrive.Device, plan, new(plan.Bytes, view, new TreeCopyTests.Hasty()), stop.Token));
        Assert.False(MountTable.IsMounted(File.ReadAllText("/proc/self/mountinfo"), folder["outgoing"]));
    }

    [Fact]
    public async Task A_pendrive_that_is_too_small_after_all_is_said_before_anything_is_copied()
    {
        Trees.Write(folder["tree"], "large", new byte[100_000_000]);
        await using var pendrive = await LoopPendrive.MakeAsync(folder, 64);
        var plan = Scan.Of([folder["tree"]], new VfatRules(), follow: false, Cancel);
        var e = await Assert.ThrowsAsync<GuestException>(() => Mounted().PutAsync(pendrive.Device, plan, new(plan.Bytes, new NoProgress(), TimeProvider.System), Cancel));
        Assert.Contains("room for", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_with_no_volume_on_it_is_never_mounted_and_that_ends_it()
    {
        await using var pendrive = await LoopPendrive.MakeAsync(folder, 64);
        File.WriteAllBytes(folder["image"], new byte[1 << 20]);
        await Assert.ThrowsAsync<GuestException>(() => Mounted().TakeAsync(pendrive.Device, "work", null, _ => Task.CompletedTask, Cancel));
    }

    private async Task SameAtTheReceiverAsync(bool check = true)
    {
        var plan = Scan.Of([folder["tree"]], new VfatRules(), follow: false, Cancel);
        Assert.Empty(plan.Obstacles);
        await using var pendrive = await LoopPendrive.MakeAsync(folder, new VfatRules().MiB(plan.Items));
        var view = new TreeCopyTests.Readings();
        await Mounted().PutAsync(pendrive.Device, plan, new(plan.Bytes, view, TimeProvider.System), Cancel);
        Assert.Equal(plan.Bytes, view.All[^1].Done);
        var (exit, said) = check ? await Programs.RunAsync("fsck.vfat", ["-n", pendrive.Device]) : (0, "");
        Assert.True(exit == 0, said);

        IReadOnlyList<string> lines = [];
        var (_, whole) = await Mounted().TakeAsync(
            pendrive.Device,
            "work",
            null,
            async where =>
            {
                lines = Trees.Lines(Path.Combine(where, "tree"), times: true);
                Assert.ThrowsAny<IOException>(() => File.WriteAllText(Path.Combine(where, "new"), "x"));    // it is read-only
                Assert.Equal(0, (await Programs.RunAsync("umount", [where])).Exit);                           // what the person does
            },
            Cancel);

        Assert.Null(whole);
        Assert.Equal(Trees.Lines(folder["tree"], times: true), lines);
    }

    private MountedPendrive Mounted() => new(folder["outgoing"], folder["incoming"], writable: false);

    /// <summary>An image of the daemon's on a loop device.</summary>
    private sealed class LoopPendrive : IAsyncDisposable
    {
        private LoopPendrive(string device) => Device = device;

        public string Device { get; }

        public static async Task<LoopPendrive> MakeAsync(TempFolder folder, int mib)
        {
            Programs.Require("losetup", "mount", "umount", "fsck.vfat", "modprobe");
            Assert.SkipWhen(Environment.UserName != "root", "Only root may mount.");
            Assert.SkipUnless(File.Exists("/dev/loop-control"), "There are no loop devices here.");
            await Programs.RunAsync("modprobe", ["vfat"]);
            Assert.SkipUnless(File.ReadAllText("/proc/filesystems").Contains("vfat", StringComparison.Ordinal), "This machine's kernel has no vfat.");
            using (var images = ImageStore.Open(folder["spool"]))
            {
                images.Create("a", mib, "WORK");
                File.Move(images.PathOf("a"), folder["image"]);
            }

            var (exit, output) = await Programs.RunAsync("losetup", ["--find", "--show", folder["image"]]);
            Assert.SkipWhen(exit != 0, $"No loop device could be had: {output}");
            return new(output.Trim());
        }

        public async ValueTask DisposeAsync()
        {
            await Programs.RunAsync("losetup", ["-d", Device]);
        }
    }
}
