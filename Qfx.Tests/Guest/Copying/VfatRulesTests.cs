using Qfx.Daemon.Images;
using Qfx.Guest.Copying;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Copying;

/// <summary>The size that is asked for is large enough, on volumes as the daemon makes them.</summary>
public sealed class VfatRulesTests
{
    [Theory]
    [InlineData(3000, 10)]            // many small files with long names, in folders
    [InlineData(600, 100_000)]        // 60 MB
    [InlineData(2, 140_000_000)]      // clusters of 4 KiB
    public async Task What_was_planned_fits_onto_a_pendrive_of_the_size_that_is_asked_for(int files, int size)
    {
        Programs.Require("mcopy");
        using var folder = new TempFolder();
        for (var i = 0; i < files; i++)
        {
            var path = folder[$"tree/folder {i / 100}/a file with quite a long name of its own {i}"];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            RandomAccess.SetLength(file, size);
        }

        var plan = Scan.Of([folder["tree"]], new VfatRules(), follow: false, TestContext.Current.CancellationToken);
        var mib = new VfatRules().MiB(plan.Items);
        using var images = ImageStore.Open(folder["spool"]);
        images.Create("a", mib, "WORK");
        var image = images.PathOf("a");
        var (exit, output) = await Programs.RunAsync("mcopy", ["-i", image, "-s", "-D", "s", folder["tree"], "::"], ("MTOOLS_SKIP_CHECK", "1"));
        Assert.True(exit == 0, $"{mib} MiB: {output}");
    }

    [Fact]
    public void So_many_names_at_the_top_that_a_small_volume_has_no_room_for_them_make_it_larger()
    {
        var items = Enumerable.Range(0, 300).Select(i => new Item("/x", $"a name of more than thirteen characters {i}", new(FileKind.File, 0, 1, default, default))).ToArray();
        Assert.Equal(512, new VfatRules().MiB(items));
        Assert.Equal(ITargetRules.SmallestMiB, new VfatRules().MiB(items[..50]));
    }
}
