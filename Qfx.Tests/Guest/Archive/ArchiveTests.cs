using System.Security.Cryptography;
using Qfx.Guest;
using Qfx.Guest.Archive;
using Qfx.Tests.Guest.Copying;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Archive;

/// <summary>What one VM writes and another one unpacks.</summary>
public sealed class ArchiveTests : IDisposable
{
    private const string Sender = "work";

    private readonly TempFolder folder = new();
    private readonly TempFolder home = new();

    public void Dispose()
    {
        folder.Dispose();
        home.Dispose();
    }

    [Fact]
    public void Names_contents_links_modes_and_times_arrive_as_they_were()
    {
        Trees.Fill(folder["tree"]);
        Trees.Write(folder["tree"], "a:b?*\"<>|\\", [1]);
        Trees.Write(folder["tree"], "REPORT", [1]);
        Trees.Write(folder["tree"], "report", [2]);
        File.SetUnixFileMode(Trees.Write(folder["tree"], "run", [1]), (UnixFileMode)0b111_101_000);
        File.SetUnixFileMode(Trees.Write(folder["tree"], "read only", [1]), UnixFileMode.UserRead);
        File.CreateSymbolicLink(folder["tree/link"], "run");
        File.CreateSymbolicLink(folder["tree/empty folder/up"], "../run");
        File.SetUnixFileMode(folder["tree/empty folder"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(folder["tree"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var plan = Pendrives.Write(folder["pendrive"], folder["tree"]);

        var (report, where) = Take();

        Assert.Equal(home["QubesIncoming/work"], where);
        Assert.True(report.IsWhole);
        Assert.Equal((plan.Files, plan.Bytes), (report.Files, report.Bytes));
        Assert.Equal(["tree"], report.Names);
        Assert.Equal(Trees.Lines(folder["tree"], modes: true, times: true), Trees.Lines(Path.Combine(where, "tree"), modes: true, times: true));
        Assert.Equal(["Folder tree"], Directory.EnumerateFileSystemEntries(where).Select(path => $"Folder {Path.GetFileName(path)}"));
    }

    [Fact]
    public void Holes_stay_holes_on_the_pendrive_and_at_the_receiver()
    {
        using (var file = File.OpenHandle(folder["sparse"], FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, RandomNumberGenerator.GetBytes(100_000), 0);
            RandomAccess.Write(file, [1, 2, 3], 20_000_000);
            RandomAccess.SetLength(file, 40_000_000);
        }

        Pendrives.Write(folder["pendrive"], folder["sparse"]);
        var (_, where) = Take();

        Assert.Equal(File.ReadAllBytes(folder["sparse"]), File.ReadAllBytes(Path.Combine(where, "sparse")));
        Assert.True(Allocated(folder["pendrive"]) < 2_000_000, $"{Allocated(folder["pendrive"])} bytes on the pendrive");
        Assert.True(Allocated(Path.Combine(where, "sparse")) < 2_000_000);
    }

    [Fact]
    public void Nothing_is_ever_written_over()
    {
        Trees.Write(folder.Path, "report.pdf", [2]);
        Trees.Write(home["QubesIncoming/work"], "report.pdf", [1]);
        Pendrives.Write(folder["pendrive"], folder["report.pdf"]);
        Assert.Equal(["report (2).pdf"], Take().Report.Names);
        Assert.Equal(["report (3).pdf"], Take().Report.Names);
        Assert.Equal([1], File.ReadAllBytes(home[$"QubesIncoming/{Sender}/report.pdf"]));
        Assert.Equal([2], File.ReadAllBytes(home[$"QubesIncoming/{Sender}/report (2).pdf"]));
    }

    [Fact]
    public void A_pendrive_that_was_not_written_to_its_end_has_no_archive()
    {
        Trees.Fill(folder["tree"]);
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            File.WriteAllBytes(folder["pendrive"], new byte[1_000_000]);
            var plan = Qfx.Guest.Copying.Scan.Of([folder["tree"]], new ArchiveRules(), follow: false, default);
            ArchiveWriter.Write(folder["pendrive"], plan, new(plan.Bytes, new Qfx.Guest.Progress.NoProgress(), TimeProvider.System), new(canceled: true));
        });
        var e = Assert.Throws<GuestException>(() => Take());
        Assert.Contains("no archive on the pendrive", e.Message, StringComparison.Ordinal);
        Assert.Empty(Trees.Lines(home["QubesIncoming/work"]));
    }

    [Fact]
    public void A_pendrive_of_the_size_that_is_asked_for_is_large_enough()
    {
        for (var i = 0; i < 2000; i++) Trees.Write(folder["tree"], $"some folder {i / 100}/a file with a rather long name, as some people like them, number {i}", [1]);
        Trees.Write(folder["tree"], "large", new byte[30_000_000]);
        var plan = Pendrives.Write(folder["pendrive"], folder["tree"]);
        using var file = File.OpenRead(folder["pendrive"]);
        var block = new byte[ArchiveHeader.Size];
        file.ReadExactly(block);
        Assert.InRange(ArchiveHeader.Read(block)!.Value.Length + ArchiveHeader.Size, 1, new ArchiveRules().MiB(plan.Items) * 1024L * 1024L);
    }

    private (UnpackReport Report, string Folder) Take()
    {
        using var source = File.OpenRead(folder["pendrive"]);
        return IncomingFolder.Take(source, home.Path, "work", Pendrives.NoLimits, TestContext.Current.CancellationToken);
    }

    private static long Allocated(string path) =>
        long.Parse(Programs.RunAsync("stat", ["-c", "%b", path]).Result.Output, System.Globalization.CultureInfo.InvariantCulture) * 512;
}
