using Qfx.Daemon.Images;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Images;

/// <summary>What is kept beside an image, and what of it is believed.</summary>
public sealed class PendriveRecordTests : IDisposable
{
    private static readonly Party Work = new(new(new Domid(3), "uuid-3"), VmName.Parse("work"));
    private static readonly Party Personal = new(new(new Domid(4), ""), VmName.Parse("personal"));

    private readonly TempFolder folder = new();

    private string Image => folder["p1.img"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        foreach (var approved in new[] { null, new Approval(7, Work, Personal, 4096), new Approval(7, Work, Personal, null) })
        {
            var record = new PendriveRecord(Work.Identity, Raw: true, 12288, approved);
            record.Write(Image);
            Assert.Equal(record, PendriveRecord.Read(Image));
        }

        Assert.Equal([Image + ".json"], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "Domid": 0, "Uuid": "u" }""")]
    [InlineData("""{ "Domid": 99999, "Uuid": "u" }""")]
    [InlineData("""{ "Domid": 3 }""")]
    [InlineData("""{ "Domid": "3", "Uuid": "u" }""")]
    public void What_is_no_record_is_none(string text)
    {
        File.WriteAllText(Image + ".json", text);
        Assert.Null(PendriveRecord.Read(Image));
    }

    [Theory]
    [InlineData("../work", "personal", 4)]
    [InlineData("work", "", 4)]
    [InlineData("work", "personal", 0)]
    [InlineData("work", null, 4)]
    public void An_approval_with_a_part_that_is_none_approves_nobody(string from, string? to, int domid)
    {
        File.WriteAllText(Image + ".json", $$"""
            { "Domid": 3, "Uuid": "uuid-3", "N": 7, "From": "{{from}}", "ToDomid": {{domid}}, "ToUuid": "uuid-4", "To": {{(to is null ? "null" : $"\"{to}\"")}} }
            """);
        Assert.Null(PendriveRecord.Read(Image)!.Approved);
    }

    [Fact]
    public void One_that_cannot_be_written_leaves_none_that_says_something_else()
    {
        new PendriveRecord(Work.Identity, Raw: true, 0, new(7, Work, Personal, null)).Write(Image);
        Directory.CreateDirectory(Image + ".json.new");    // as if the disk were full

        Assert.Throws<ImageException>(() => new PendriveRecord(Work.Identity, Raw: true, 0, null).Write(Image));

        Assert.Null(PendriveRecord.Read(Image));
    }

    [Fact]
    public void An_image_stays_with_its_sender_at_xvdg_and_with_who_was_approved_at_xvdh_alone()
    {
        var record = new PendriveRecord(Work.Identity, Raw: true, 0, new(7, Work, Personal, null));
        Assert.True(record.MayStay(Work.Identity, Vdev.Xvdg));
        Assert.True(record.MayStay(Personal.Identity, Vdev.Xvdh));
        Assert.False(record.MayStay(Work.Identity, Vdev.Xvdh));
        Assert.False(record.MayStay(Personal.Identity, Vdev.Xvdg));
        Assert.False(record.MayStay(Work.Identity with { Uuid = "uuid-9" }, Vdev.Xvdg));
        Assert.False((record with { Approved = null }).MayStay(Personal.Identity, Vdev.Xvdh));
    }
}
