using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Disposables;

public sealed class DvmRecordsTests : IDisposable
{
    private static readonly Party Vm = new(new(new Domid(5), "11111111-2222-3333-4444-555555555555"), VmName.Parse("disp1"));
    private static readonly Party Work = new(new(new Domid(2), "99999999-2222-3333-4444-555555555555"), VmName.Parse("work"));

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read_after_a_restart_and_a_later_word_counts()
    {
        var records = DvmRecords.Open(folder["records"]);
        var record = new DvmRecord(Vm, new(Work, 7, false), false, null);
        records.Write(record, FileOf);
        Assert.Equal([record], Load());

        records.Write(record with { Used = true, Reply = new(3) }, FileOf);
        Assert.Equal([record with { Used = true, Reply = new(1) }], Load());
        records.Delete(Vm.Identity);
        Assert.Empty(Load());
    }

    [Fact]
    public void A_reply_whose_image_is_gone_was_taken()
    {
        DvmRecords.Open(folder["records"]).Write(new(Vm, new(Work, 7, false), true, new(3)), FileOf);
        Assert.Equal([new DvmRecord(Vm, new(Work, 7, false), true, null)], Load(there: false));
    }

    [Fact]
    public void One_that_is_ready_for_nobody_is_known_as_such()
    {
        DvmRecords.Open(folder["records"]).Write(new(Vm, null, false, null), FileOf);
        Assert.Null(Assert.Single(Load()).Allowed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"Domid":5,"Uuid":"u","Name":"<b>"}""")]
    [InlineData("""{"Domid":0,"Uuid":"u","Name":"disp1"}""")]
    [InlineData("""{"Domid":5,"Uuid":"u","Name":"disp1","Requester":"work","RequesterDomid":2,"RequesterUuid":"v","Seq":0}""")]
    [InlineData("""{"Domid":5,"Uuid":"u","Name":"disp1","Requester":"work","Seq":7}""")]
    public void What_is_no_record_allows_nothing_and_is_told(string text)
    {
        DvmRecords.Open(folder["records"]);
        File.WriteAllText(Path.Combine(folder["records"], "5-u.json"), text);
        var broken = new List<string>();

        Assert.Empty(DvmRecords.Open(folder["records"]).Load(_ => null, _ => null, _ => false, broken.Add));
        Assert.Single(broken);
    }

    [Fact]
    public void A_uuid_that_would_lead_out_of_the_folder_is_not_written() => Assert.Throws<IOException>(() =>
        DvmRecords.Open(folder["records"]).Write(new(Vm with { Identity = new(new Domid(5), "../../x") }, null, false, null), FileOf));

    [Fact]
    public void A_write_that_was_cut_off_leaves_the_older_one()
    {
        var records = DvmRecords.Open(folder["records"]);
        var record = new DvmRecord(Vm, new(Work, 7, false), false, null);
        records.Write(record, FileOf);
        File.WriteAllText(Directory.GetFiles(folder["records"]).Single() + ".new", "{\"Domid\":5,");

        Assert.Equal([record], Load());
        Assert.Single(Directory.GetFiles(folder["records"]));
    }

    [Fact]
    public void The_pendrive_that_it_is_to_open_is_known_by_its_file()
    {
        DvmRecords.Open(folder["records"]).Write(new(Vm, new(Work, 7, false), false, null) { Opens = new(4) }, FileOf);
        Assert.Equal(new PendriveId(9), Assert.Single(Load(opened: file => file == "abc-4.img" ? new(9) : null)).Opens);
        Assert.Null(Assert.Single(Load()).Opens);
    }

    private static string FileOf(PendriveId id) => $"abc-{id.Value}.img";

    private IReadOnlyList<DvmRecord> Load(bool there = true, Func<string, PendriveId?>? opened = null) =>
        DvmRecords.Open(folder["records"]).Load(opened ?? (_ => null), _ => there ? new(1) : null, _ => false, path => Assert.Fail($"{path} is broken"));
}
