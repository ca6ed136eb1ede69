using Qfx.Daemon.PlainXen;

namespace Qfx.Tests.Daemon.PlainXen;

public sealed class GuestConfigTests
{
    private const string Config = """
        # name = "comment"
        type = "pvh"
          name = 'dvm'   # the template
        uuid = "12345678-1234-1234-1234-123456789abc"
        kernel = "/boot/vmlinuz"
        ramdisk = "/boot/initrd"
        vif = [ 'mac=00:16:3e:01:02:03,bridge=br0', 'bridge=br1' ]
        """;

    [Fact]
    public void Another_guest_of_the_same_making_has_another_name_and_nothing_that_two_must_not_share()
    {
        Assert.Equal("dvm", GuestConfig.NameOf(Config));
        Assert.Equal(
            """
            # name = "comment"
            type = "pvh"
            name = "disp7"   # the template
            kernel = "/boot/vmlinuz"
            ramdisk = "/boot/initrd"
            vif = [ 'bridge=br0', 'bridge=br1' ]
            """,
            GuestConfig.For(Config, "disp7"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("disk = []", "")]
    [InlineData("disk = [ '/a.img,raw,xvda,ro', \"phy:/dev/b,xvdb,r\", 'format=raw, vdev=xvdc, access=ro, target=/c' ]", "")]
    [InlineData("disk = [ 'cdrom,target=/a.iso' ]", "")]
    [InlineData("# disk = [ '/a,raw,xvda,rw' ]", "")]
    [InlineData("disk = [ '/a,raw,xvda,rw' ]", "/a,raw,xvda,rw")]
    [InlineData("disk = [\n  'phy:/dev/a,xvda,w',\n  '/b,raw,xvdb' ]", "phy:/dev/a,xvda,w|/b,raw,xvdb")]
    [InlineData("disk = [ '/a,raw,xvda,ro' ]\ndisk += [ '/b,raw,xvdb,access=rw' ]", "/b,raw,xvdb,access=rw")]
    [InlineData("disk = [ 'phy:/dev/x[1],xvda,w', '/b,raw,xvdb,ro' ]", "phy:/dev/x[1],xvda,w")]
    [InlineData("disk = [ '/a,raw,xvda,rw'", "/a,raw,xvda,rw")]
    [InlineData("disk = [ \"/a,raw,xvda,r\",  # the guest's root\n \"/b,raw,xvdb,w\" ]", "/b,raw,xvdb,w")]
    [InlineData("memory = 200; disk = [ '/a,raw,xvda,w' ]", "/a,raw,xvda,w")]
    [InlineData("extra = 'a # b'\ndisk = [ '/a#1,raw,xvda,w' ] # all of them", "/a#1,raw,xvda,w")]
    public void A_disk_is_writable_unless_it_says_that_it_is_not(string config, string writable) =>
        Assert.Equal(writable, string.Join('|', GuestConfig.WritableDisks(config)));

    [Theory]
    [InlineData("disk = [ '/a.img,raw,xvda,ro' ]\nkernel = '/k'", "/a.img")]
    [InlineData("disk = [ 'phy:/dev/vg/a,xvda,r' ]", "/dev/vg/a")]
    [InlineData("disk = [ 'vdev=xvda,access=ro,target=/c' ]", "/c")]
    [InlineData("kernel = '/k'\nramdisk = \"/r\"", "/r")]
    [InlineData("kernel = '/k'", "/k")]
    [InlineData("memory = 1", null)]
    public void It_is_made_of_its_first_disk_or_else_what_it_boots(string config, string? file) => Assert.Equal(file, GuestConfig.MadeOf(config));
}
