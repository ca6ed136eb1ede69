using Microsoft.Extensions.Logging;
using Qfx.Daemon.Block;
using Qfx.Daemon.Images;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Images;

/// <summary>With [spool] overwrite, what was written on a pendrive is not on the disk any more once it is gone.</summary>
public sealed class OverwriterTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new();
    private readonly LogLines log = new();

    private string Spool => folder["spool"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_written_is_zeros_before_the_file_goes_and_holes_stay_holes()
    {
        using var store = ImageStore.Open(Spool, overwrite: true);
        store.Create("p1.img", 40, "WORK");
        Write(store.PathOf("p1.img"), (3 * MiB) + 5, (30 * MiB) - 1);
        using var watched = new FileStream(Libc.Open(store.PathOf("p1.img"), Libc.ReadOnly | Libc.CloseOnExec), FileAccess.Read);    // without a lock on it
        var allocated = Blocks(watched);
        await using var overwriter = new Overwriter(store, log);

        store.Delete("p1.img");
        await OverwrittenAsync();

        var after = new byte[40 * MiB];
        watched.ReadExactly(after);
        Assert.True(after.All(b => b == 0));
        Assert.InRange(Blocks(watched), 0u, allocated + 256);    // the file system may cut it differently; a hole is 6 MiB and more
    }

    [Fact]
    public async Task One_that_is_to_be_overwritten_is_no_pendrive_any_more_and_counts_until_it_is()
    {
        using var store = ImageStore.Open(Spool, overwrite: true);
        store.Create("p1.img", 40, null);
        Write(store.PathOf("p1.img"), MiB);
        store.Delete("p1.img");

        Assert.Empty(store.All());
        Assert.InRange(store.Usage().Allocated, 4096, long.MaxValue);
        Assert.Equal(0, store.Usage().Unfilled);
        await using var overwriter = new Overwriter(store, log);
        await OverwrittenAsync();
        Assert.Equal((0, 0), store.Usage());
    }

    [Fact]
    public async Task What_an_earlier_run_had_not_overwritten_yet_is_overwritten_whatever_the_setting_is_now()
    {
        using (var earlier = ImageStore.Open(Spool, overwrite: true))
        {
            earlier.Create("p1.img", 40, null);
            Write(earlier.PathOf("p1.img"), MiB);
            earlier.Delete("p1.img");
        }

        using var store = ImageStore.Open(Spool);
        await using var overwriter = new Overwriter(store, log);
        await OverwrittenAsync();
    }

    [Fact]
    public async Task Images_that_an_earlier_run_left_to_nobody_are_overwritten_too()
    {
        using (var earlier = ImageStore.Open(Spool)) earlier.Create("p1.img", 40, null);
        using var store = ImageStore.Open(Spool, overwrite: true);
        await using var overwriter = new Overwriter(store, log);

        Assert.Equal(1, store.Sweep(new HashSet<string>()));
        await OverwrittenAsync();
    }

    [Fact]
    public async Task One_that_cannot_be_overwritten_stays_and_the_administrator_is_told()
    {
        using var store = ImageStore.Open(Spool, overwrite: true);
        store.Create("p1.img", 40, null);
        using var held = new FileStream(store.PathOf("p1.img"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        await using var overwriter = new Overwriter(store, log);
        store.Delete("p1.img");

        await log.Until(LogLevel.Error, "p1.img.gone could not be overwritten");
        Assert.Single(Directory.EnumerateFiles(Spool, "*.gone"));
    }

    private async Task OverwrittenAsync()
    {
        await log.Until(LogLevel.Debug, "Overwritten and removed: ");
        Assert.Empty(Directory.EnumerateFiles(Spool, "*.img*"));
    }

    private static void Write(string image, params long[] places)
    {
        using var file = new FileStream(image, FileMode.Open, FileAccess.Write);
        foreach (var place in places)
        {
            file.Position = place;
            file.Write("a secret"u8);
        }
    }

    private static ulong Blocks(FileStream file)
    {
        Assert.Equal(0, Libc.Stat(file.SafeFileHandle, "", Libc.EmptyPath, Libc.BasicStats, out var stats));
        return stats.Blocks;
    }
}
