using Microsoft.Extensions.Logging;
using Qfx.Daemon.Images;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Images;

/// <summary>What one VM may have of the spool.</summary>
public sealed class SpoolShareTests : IDisposable
{
    private static readonly DomainIdentity Work = new(new Domid(5), "11111111-2222-3333-4444-555555555555");

    private readonly TempFolder folder = new();
    private readonly ImageStore images;

    public SpoolShareTests() => images = ImageStore.Open(folder["spool"]);

    public void Dispose()
    {
        images.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_its_pendrives_have_on_the_disk_and_the_next_in_full_may_not_be_over_it()
    {
        var share = new SpoolShare(images, 100);
        Make("1.img", Work, written: 0);
        Make("2.img", Work, written: 30);
        Make("3.img", Work with { Uuid = "99999999-2222-3333-4444-555555555555" }, written: 30);    // another VM's

        share.Check(Work, 70);
        var e = Assert.Throws<ImageException>(() => share.Check(Work, 71));
        Assert.True(e.NoSpace);
        Assert.Equal("a VM may have 100 MiB of the spool, this one's pendrives have 30: too much for one of 71", e.Message);

        share.Check(Work with { Domid = new(6) }, 70);
        Assert.Throws<ImageException>(() => share.Check(Work with { Domid = new(6) }, 71));    // it has rebooted

        images.Delete("2.img");
        share.Check(Work, 100);
    }

    [Fact]
    public async Task What_is_deleted_and_not_overwritten_yet_counts()
    {
        using var overwriting = ImageStore.Open(folder["other"], overwrite: true);
        var share = new SpoolShare(overwriting, 100);
        Make("1.img", Work, written: 30, overwriting);
        overwriting.Delete("1.img");
        Assert.Throws<ImageException>(() => share.Check(Work, 71));

        var log = new LogLines();
        await using var overwriter = new Overwriter(overwriting, log);
        await log.Until(LogLevel.Debug, "Overwritten and removed: ");
        share.Check(Work, 100);
        Assert.Equal(["lock"], Directory.EnumerateFiles(folder["other"]).Select(Path.GetFileName));
    }

    private void Make(string name, DomainIdentity sender, int written, ImageStore? into = null)
    {
        var images = into ?? this.images;
        images.Create(name, 40, null);
        using (var file = File.OpenWrite(images.PathOf(name))) file.Write(new byte[written * 1024 * 1024]);
        new PendriveRecord(sender, Raw: true, 0, null).Write(images.PathOf(name));
    }
}
