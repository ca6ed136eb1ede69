using Qfx.Daemon.Runner;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Runner;

/// <summary>The notes of what was taken, in a file.</summary>
public sealed class TakenFileTests : IDisposable
{
    private static readonly DomainIdentity Work = new(new(7), "11111111-2222-3333-4444-555555555555");

    private readonly TempFolder folder = new();
    private readonly LogLines log = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_taken_is_known_to_the_next_daemon()
    {
        using (var notes = Open())
        {
            notes.Said(Work, 3);
            notes.Take(Work);
            notes.Take(Work);
        }

        using var next = Open();
        Assert.Equal(2, next.Open(Work, 3));
        Assert.Equal(1, next.Open(Work, 4));    // one was spoken of, but the daemon was killed before it noted that
    }

    [Theory]
    [InlineData(3, 2)]    // a word about an older request
    [InlineData(4, 1)]    // the answer to the first of the two: the second one is open
    [InlineData(5, 0)]
    [InlineData(6, 0)]
    [InlineData(0, 0)]    // the store was lost, and counts anew
    public void It_is_open_until_the_status_counts_further(int said, int open)
    {
        using var notes = Open();
        notes.Said(Work, 3);
        notes.Take(Work);
        notes.Take(Work);
        notes.Said(Work, said);

        Assert.Equal(open, notes.Open(Work, said));
    }

    [Fact]
    public void What_was_not_taken_after_all_is_not_open()
    {
        using var notes = Open();
        Assert.Equal(0, notes.Open(Work, 0));
        notes.Take(Work);
        Assert.Equal(1, notes.Open(Work, 0));
        notes.Drop(Work);
        notes.Drop(Work);
        Assert.Equal(0, notes.Open(Work, 0));
    }

    [Theory]
    [InlineData(7, "99999999-2222-3333-4444-555555555555")]
    [InlineData(8, "11111111-2222-3333-4444-555555555555")]
    public void It_is_about_this_VM_in_this_life(int domid, string uuid)
    {
        using var notes = Open();
        notes.Take(Work);

        Assert.Equal(0, notes.Open(new(new((ushort)domid), uuid), 0));
    }

    [Fact]
    public void The_last_domid_has_its_place_too()
    {
        var last = Work with { Domid = new(Domid.MaxValue) };
        using var notes = Open();
        notes.Take(last);

        Assert.Equal((1, 0), (notes.Open(last, 0), notes.Open(Work, 0)));
    }

    [Fact]
    public void After_another_boot_of_the_host_domids_mean_others()
    {
        using (var notes = Open()) notes.Take(Work);
        using (var later = Open("another")) Assert.Equal(0, later.Open(Work, 0));
        using var back = Open();
        Assert.Equal(0, back.Open(Work, 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public void A_file_that_is_none_is_made_anew(string content)
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(folder["run/taken"], content);
        using var notes = Open();
        notes.Take(Work);

        Assert.Equal(1, notes.Open(Work, 0));
    }

    [Fact]
    public void A_disk_that_takes_nothing_is_told_of_once_and_ends_nothing()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("there is no /dev/full here");
        using var notes = TakenFile.Of(File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite), log);
        notes.Take(Work);
        notes.Take(Work);

        Assert.Equal(0, notes.Open(Work, 1));
        Assert.Single(log.Lines, line => line.StartsWith("That a request was taken could not be noted", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_none_can_be_made_that_is_said_and_there_is_none()
    {
        File.WriteAllText(folder["file"], "");

        Assert.Null(TakenFile.TryOpen(folder["file/taken"], "this boot", log));
        Assert.Single(log.Lines, line => line.StartsWith("That a request was taken could not be noted", StringComparison.Ordinal));
    }

    private TakenFile Open(string boot = "this boot") => TakenFile.TryOpen(folder["run/taken"], boot, log)!;
}
