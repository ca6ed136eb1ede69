using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Block;

/// <summary>What xl is asked, and what its words mean. They are those of Xen 4.17, from a real one.</summary>
public sealed class XlCommandTests : IDisposable
{
    private const string Exists =
        "libxl: error: libxl_disk.c:338:device_disk_add: Domain 1:device already exists in xenstore\n" +
        "libxl: error: libxl_device.c:1481:device_addrm_aocomplete: Domain 1:Unable to add vbd with id 51808\nlibxl_device_disk_add failed.";

    private const string NoFile =
        "libxl: error: libxl_device.c:455:libxl__device_disk_set_backend: Disk vdev=xvdg failed to stat: /none.img: No such file or directory\n" +
        "libxl_device_disk_add failed.";

    private const string NotConnected =
        "libxl: error: libxl_disk.c:516:libxl__disk_from_xenstore: disk /libxl/2/device/vbd/51824 does not exist (no backend path\n" +
        "Error: Device xvdh not connected.";

    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_is_asked_with_fixed_words_and_never_with_force()
    {
        var xl = Xl(0, "");
        await xl.AttachAsync(new Domid(5), Vdev.Xvdg, "/spool/a b.img", Cancel);
        Assert.Equal(["block-attach", "5", "format=raw,vdev=xvdg,access=rw,target=/spool/a b.img"], await File.ReadAllLinesAsync(folder["asked"], Cancel));

        await new XlCommand(folder["xl"], "block-short").AttachAsync(new Domid(5), Vdev.Xvdg, "/spool/a.img", Cancel);
        Assert.Equal(["block-attach", "5", "format=raw,vdev=xvdg,access=rw,script=block-short,target=/spool/a.img"], await File.ReadAllLinesAsync(folder["asked"], Cancel));

        Assert.True(await xl.DetachAsync(new Domid(5), Vdev.Xvdh, Cancel));
        Assert.Equal(["block-detach", "5", "xvdh"], await File.ReadAllLinesAsync(folder["asked"], Cancel));
    }

    [Theory]
    [InlineData(Exists, BlockDeviceFault.SlotInUse, false)]
    [InlineData("5 is an invalid domain identifier", BlockDeviceFault.NoDomain, false)]
    [InlineData(NoFile, BlockDeviceFault.Failed, true)]
    [InlineData("", BlockDeviceFault.Failed, true)]
    public async Task An_attach_that_fails_tells_why_and_whether_something_may_be_left(string said, BlockDeviceFault fault, bool exposed)
    {
        var e = await Assert.ThrowsAsync<BlockDeviceException>(() => Xl(1, said).AttachAsync(new Domid(5), Vdev.Xvdg, "/none.img", Cancel));

        Assert.Equal((fault, exposed), (e.Fault, e.Exposed));
        Assert.DoesNotContain('\n', e.Message);
        Assert.StartsWith("xl block-attach ended with 1: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NotConnected)]
    [InlineData("5 is an invalid domain identifier")]
    public async Task A_disk_or_a_domain_that_is_not_there_has_nothing_to_detach(string said) =>
        Assert.False(await Xl(1, said).DetachAsync(new Domid(5), Vdev.Xvdh, Cancel));

    [Fact]
    public async Task A_detach_that_fails_says_that_the_domain_may_still_have_it()
    {
        var e = await Assert.ThrowsAsync<BlockDeviceException>(() => Xl(1, "libxl: error: timed out").DetachAsync(new Domid(5), Vdev.Xvdh, Cancel));
        Assert.Equal((BlockDeviceFault.Failed, true), (e.Fault, e.Exposed));
    }

    [Fact]
    public async Task Without_xl_nothing_is_attached()
    {
        var e = await Assert.ThrowsAsync<BlockDeviceException>(() => new XlCommand("/none/xl").AttachAsync(new Domid(5), Vdev.Xvdg, "/a", Cancel));
        Assert.Equal((BlockDeviceFault.Failed, false), (e.Fault, e.Exposed));
        Assert.Contains("/none/xl cannot be started", e.Message, StringComparison.Ordinal);
    }

    /// <summary>An xl that writes down what it is asked, says something on stderr, and ends.</summary>
    private XlCommand Xl(int exit, string said)
    {
        File.WriteAllText(folder["said"], said);
        var path = folder["xl"];
        File.WriteAllText(path, $"#!/bin/sh\nprintf '%s\\n' \"$@\" >'{folder["asked"]}'\ncat '{folder["said"]}' >&2\nexit {exit}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(path);
    }
}
