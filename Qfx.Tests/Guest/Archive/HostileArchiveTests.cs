using System.Formats.Tar;
using CsCheck;
using Qfx.Guest;
using Qfx.Guest.Archive;
using Qfx.Guest.Host;
using Qfx.Tests.Guest.Copying;
using Qfx.Tests.Support;
using static Qfx.Tests.Guest.Archive.Pendrives;

namespace Qfx.Tests.Guest.Archive;

/// <summary>What a VM that means harm could write onto an archive pendrive.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private const string Sender = "work";

    private readonly TempFolder home = new();

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData("../out", "leads out")]
    [InlineData("a/../../out", "leads out")]
    [InlineData("/etc/out", "starts at the root")]
    [InlineData("a\u001b[2Jb", "control characters")]
    [InlineData("a\nb", "was not unpacked")]    // the reader itself refuses it
    [InlineData("./", "no name")]
    [InlineData("missing/file", "missing")]
    public void A_name_that_is_no_honest_one_ends_it(string name, string why)
    {
        var e = Assert.Throws<GuestException>(() => Take(home, Of([File_("first", [1]), File_(name, [2])])));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        NothingCame();
    }

    [Fact]
    public void The_same_name_twice_ends_it()
    {
        Assert.Throws<GuestException>(() => Take(home, Of([File_("a", [1]), File_("a", [2])])));
        Assert.Throws<GuestException>(() => Take(home, Of([Folder("a"), Folder("a/")])));
        Assert.Throws<GuestException>(() => Take(home, Of([File_("a", [1]), Link("a", "b")])));
        NothingCame();
    }

    [Fact]
    public void Nothing_is_written_through_a_link()
    {
        // The link is made last, so the file has no folder to go into.
        Assert.Throws<GuestException>(() => Take(home, Of([Folder("d"), Link("l", "d"), File_("l/file", [1])])));
        NothingCame();
        Assert.Empty(Directory.EnumerateFiles(home.Path, "file", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("l", "/etc/passwd")]
    [InlineData("l", "..")]
    [InlineData("d/l", "../../x")]
    [InlineData("d/l", "x/../../../y")]
    [InlineData("l", "")]
    public void A_link_that_leads_out_is_left_out_and_that_is_said(string name, string to)
    {
        var report = Take(home, Of([Folder("d"), File_("a", [1]), Link(name, to.Length == 0 ? "/" : to)]));
        Assert.False(report.IsWhole);
        Assert.Equal(1, report.Dropped);
        Assert.DoesNotContain(Trees.Lines(home.Path), line => line.StartsWith("Link", StringComparison.Ordinal));
    }

    [Fact]
    public void Chains_of_links_never_lead_out()
    {
        using var root = new TempFolder();
        Directory.CreateDirectory(root["in/a/b/c"]);
        string[] words = ["..", "..", ".", "a", "b", "c", "l0", "l1", "l2", "l3"];
        string[] places = ["", "a/", "a/b/", "a/b/c/"];
        var link = Gen.Select(
            Gen.Int[0, places.Length - 1].Select(i => places[i]),
            Gen.Int[0, words.Length - 1].Select(i => words[i]).Array[1, 6]);
        using var top = Libc.Open(root["in"], Libc.ReadOnly | Libc.DirectoryOnly);
        var refused = 0;
        link.Array[4].Sample(links =>
        {
            var all = links.Select((each, i) => (Name: $"{each.Item1}l{i}", To: string.Join('/', each.Item2))).ToArray();
            var made = all.Where(each => LinkRules.StaysInside(each.Name, each.To)).Select(each => each.Name).ToArray();
            foreach (var (name, to) in all.Where(each => made.Contains(each.Name))) File.CreateSymbolicLink(root[$"in/{name}"], to);
            var ways = made.Select(LeadsOut).ToArray();
            foreach (var name in made) File.Delete(root[$"in/{name}"]);
            Assert.DoesNotContain(true, ways);

            // And the check itself can fail: what is refused does lead out now and then.
            foreach (var (name, to) in all.Except(all.Where(each => made.Contains(each.Name))))
            {
                File.CreateSymbolicLink(root[$"in/{name}"], to);
                if (LeadsOut(name)) refused++;
                File.Delete(root[$"in/{name}"]);
            }
        }, iter: 2000, threads: 1);
        Assert.True(refused > 100);

        bool LeadsOut(string name)
        {
            const ulong BeneathAlone = 0x08;    // RESOLVE_BENEATH, with links followed: EXDEV tells of one that leads out
            using var file = Libc.OpenAt2(top, name, new() { Flags = (ulong)(Libc.PathOnly | Libc.CloseOnExec), Resolve = BeneathAlone });
            return file.IsInvalid && Libc.LastErrno == Libc.EXDEV;
        }
    }

    [Fact]
    public void A_second_name_is_for_a_file_of_the_archive_alone()
    {
        Assert.Throws<GuestException>(() => Take(home, Of([Link("l", "../../../secret", TarEntryType.HardLink)])));
        Assert.Throws<GuestException>(() => Take(home, Of([Link("l", "/etc/passwd", TarEntryType.HardLink)])));
        NothingCame();
        Take(home, Of([Folder("d"), File_("d/a", [1, 2]), Link("b", "d/a", TarEntryType.HardLink)]));
        Assert.Equal([1, 2], File.ReadAllBytes(home[$"QubesIncoming/{Sender}/b"]));
    }

    [Fact]
    public void Devices_and_pipes_are_left_out_and_setuid_bits_are_dropped()
    {
        var all = UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111;
        var report = Take(home, Of(
        [
            new PaxTarEntry(TarEntryType.CharacterDevice, "null") { DeviceMajor = 1, DeviceMinor = 3 },
            new PaxTarEntry(TarEntryType.BlockDevice, "disk") { DeviceMajor = 202, DeviceMinor = 0 },
            new PaxTarEntry(TarEntryType.Fifo, "pipe"),
            File_("root", [1], all),
        ]));
        Assert.Equal(3, report.Dropped);
        Assert.Equal(["root"], report.Names);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(home[$"QubesIncoming/{Sender}/root"]));
    }

    [Fact]
    public void A_quota_is_kept_whatever_the_header_says()
    {
        var files = Enumerable.Range(0, 10).Select(i => File_($"f{i}", new byte[1000])).ToArray();
        Assert.Contains("quota_mib", Assert.Throws<GuestException>(() => Take(home, Of(files), new(9_999, 100))).Message, StringComparison.Ordinal);
        Assert.Contains("quota_files", Assert.Throws<GuestException>(() => Take(home, Of(files), new(10_000, 9))).Message, StringComparison.Ordinal);
        foreach (var file in files) file.DataStream!.Position = 0;
        Assert.Contains("quota_mib", Assert.Throws<GuestException>(() => Take(home, Of(files, header => header with { Contents = 1 }), new(9_999, 100))).Message, StringComparison.Ordinal);
        foreach (var file in files) file.DataStream!.Position = 0;
        Assert.Contains("quota_files", Assert.Throws<GuestException>(() => Take(home, Of(files, header => header with { Entries = 1 }), new(10_000, 9))).Message, StringComparison.Ordinal);
        NothingCame();
    }

    [Fact]
    public void Cut_short_it_is_not_taken_at_all()
    {
        var whole = Of([Folder("d"), File_("d/a", new byte[3000]), File_("b", [1])]);
        for (var length = 0; length < whole.Length - 1024; length += 97)
        {
            Assert.Throws<GuestException>(() => Take(home, whole[..length]));
            NothingCame();
        }
    }

    [Fact]
    public void Whatever_bytes_are_changed_nothing_is_outside_and_nothing_is_left_over()
    {
        var honest = Of([Folder("d"), File_("d/a", new byte[700]), File_("b", [1]), Link("l", "b"), Link("h", "d/a", TarEntryType.HardLink)]);
        var change = Gen.Select(Gen.Int[0, honest.Length - 1], Gen.Byte);
        change.Array[1, 8].Sample(changes =>
        {
            using var place = new TempFolder();
            Directory.CreateDirectory(place["home"]);
            var pendrive = honest.ToArray();
            foreach (var (at, value) in changes) pendrive[at] = value;
            try
            {
                IncomingFolder.Take(new MemoryStream(pendrive), place["home"], "work", new(1_000_000, 1000), CancellationToken.None);
            }
            catch (GuestException)
            {
                Assert.Empty(Directory.EnumerateFileSystemEntries(place["home/QubesIncoming/work"]));
            }

            Assert.Equal([place["home"]], Directory.EnumerateFileSystemEntries(place.Path));
            Assert.Equal([place["home/QubesIncoming"]], Directory.EnumerateFileSystemEntries(place["home"]));
            Assert.Equal([place["home/QubesIncoming/work"]], Directory.EnumerateFileSystemEntries(place["home/QubesIncoming"]));
            Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(place["home/QubesIncoming/work"]), path => Path.GetFileName(path).StartsWith(".incoming", StringComparison.Ordinal));
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void A_link_in_place_of_the_folder_for_what_comes_is_not_followed()
    {
        using var elsewhere = new TempFolder();
        Directory.CreateSymbolicLink(home["QubesIncoming"], elsewhere.Path);
        Assert.Throws<GuestException>(() => Take(home, Of([File_("a", [1])])));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere.Path));
    }

    [Fact]
    public void What_a_killed_run_has_left_is_taken_away()
    {
        Trees.Write(home[$"QubesIncoming/{Sender}/.incoming-old"], "half", [1]);
        Take(home, Of([File_("a", [1])]));
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(home["QubesIncoming/work"]).Select(Path.GetFileName));
    }

    private void NothingCame() => Assert.Empty(Directory.EnumerateFileSystemEntries(home["QubesIncoming/work"]));
}
