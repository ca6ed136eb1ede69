using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Xen.Block;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Loop devices of this machine's kernel; skipped where there are none for us.</summary>
public sealed class LoopDevicesTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly LoopDevices loops = new();
    private readonly string path;

    public LoopDevicesTests()
    {
        if (LoopDevices.Missing() is { } why) Assert.Skip(why);
        path = folder["image"];
        Make(path, 'q');
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (LoopDevices.Missing() is null)
        {
            foreach (var file in Directory.GetFiles(folder.Path).Where(file => File.ResolveLinkTarget(file, returnFinalTarget: false) is null))
            {
                using var image = ImageFile.Identify(file);
                foreach (var device in loops.Over(image)) loops.Free(device, image.Id);
            }
        }

        folder.Dispose();
    }

    [Fact]
    public void A_bound_device_is_over_the_image_and_stays_when_everybody_has_closed_it()
    {
        using var image = ImageFile.Open(path);
        var device = loops.Bind(image);

        Assert.Equal((byte)'q', File.ReadAllBytes(device.Node)[0]);
        Assert.Equal([device], loops.Over(image));
        Assert.Equal(7, device.Major);
    }

    [Fact]
    public void A_freed_device_that_nobody_has_open_is_over_nothing_at_once()
    {
        using var image = ImageFile.Open(path);
        var device = loops.Bind(image);

        Assert.True(loops.Free(device, image.Id));
        Assert.Empty(loops.Over(image));
        Assert.False(loops.Free(device, image.Id));
    }

    [Fact]
    public async Task A_freed_device_that_somebody_has_open_is_over_the_image_until_it_is_closed_and_an_event_says_so()
    {
        using var image = ImageFile.Identify(path);
        LoopDevice device;
        using (var writable = ImageFile.Open(path)) device = loops.Bind(writable);
        var user = new FileStream(device.Node, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.True(loops.Free(device, image.Id));
        Assert.Equal([device], loops.Over(image));

        var freed = loops.Closings(path).FirstAsync(_ => loops.Over(image).Count == 0).ToTask(Cancel);
        await user.DisposeAsync();
        await freed;
    }

    [Fact]
    public void A_device_over_another_file_is_not_touched_whatever_its_number()
    {
        var other = folder["other"];
        Make(other, 'o');
        using var image = ImageFile.Open(path);
        using var foreign = ImageFile.Open(other);
        var device = loops.Bind(foreign);

        Assert.False(loops.Free(device, image.Id));
        Assert.Equal([device], loops.Over(foreign));
        Assert.Empty(loops.Over(image));
    }

    [Fact]
    public void A_deleted_image_is_still_known_by_its_numbers()
    {
        using var image = ImageFile.Open(path);
        var device = loops.Bind(image);
        File.Delete(path);

        Assert.Equal([device], loops.Over(image));
        Assert.True(loops.Free(device, image.Id));
    }

    [Fact]
    public async Task A_device_that_was_bound_where_the_folder_was_a_mount_of_its_own_is_over_the_image_when_that_is_gone()
    {
        Programs.Require("unshare", "losetup");
        var (exit, said) = await Programs.RunAsync("unshare",
            ["--mount", "sh", "-c", "mount --bind \"$1\" \"$1\" && PATH=$PATH:/sbin:/usr/sbin losetup --find --show \"$1/image\"", "sh", folder.Path]);
        Assert.SkipUnless(exit == 0, said);
        using var image = ImageFile.Identify(path);

        var device = Assert.Single(loops.Over(image));
        Assert.Equal(said.Trim(), device.Node);
        Assert.True(loops.Free(device, image.Id));
        Assert.Empty(loops.Over(image));
    }

    [Fact]
    public async Task Devices_bound_at_the_same_time_are_different_ones()
    {
        var paths = Enumerable.Range(0, 4).Select(i => folder[$"image{i}"]).ToArray();
        foreach (var one in paths) Make(one, 'x');
        var images = paths.Select(ImageFile.Open).ToArray();
        try
        {
            var devices = await Task.WhenAll(images.Select(image => Task.Run(() => loops.Bind(image), Cancel)));

            Assert.Equal(4, devices.Distinct().Count());
            foreach (var (device, image) in devices.Zip(images)) Assert.Equal([device], loops.Over(image));
        }
        finally
        {
            foreach (var image in images) image.Dispose();
        }
    }

    [Fact]
    public void Only_the_regular_file_itself_is_an_image()
    {
        File.CreateSymbolicLink(folder["link"], path);

        foreach (var wrong in new[] { folder["link"], folder["none"], folder.Path, "/dev/null" })
        {
            var e = Assert.Throws<BlockDeviceException>(() => ImageFile.Open(wrong));
            Assert.Contains(wrong, e.Message, StringComparison.Ordinal);
        }
    }

    private static void Make(string path, char content)
    {
        using var file = File.Create(path);
        file.WriteByte((byte)content);
        file.SetLength(1024 * 1024);
    }
}
