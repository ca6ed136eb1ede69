using Qfx.Daemon.Images;
using Qfx.Tests.Support;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Qfx.Tests.Daemon.Images;

/// <summary>The folder of images.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder folder = new();
    private readonly string spool;
    private readonly ImageStore store;

    public ImageStoreTests()
    {
        spool = folder["spool"];
        store = ImageStore.Open(spool);
    }

    [Fact]
    public void The_folder_is_made_private_even_if_it_was_there_and_open_to_all()
    {
        var open = folder["open"];
        Directory.CreateDirectory(open);
        File.SetUnixFileMode(open, (UnixFileMode)0b111_111_111);

        using var other = ImageStore.Open(open);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(open));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(spool));
    }

    [Fact]
    public void Two_daemons_do_not_share_a_spool()
    {
        var error = Assert.Throws<IOException>(() => ImageStore.Open(spool));

        Assert.Contains(spool, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WORK")]
    [InlineData(null)]
    public void An_image_is_for_the_daemon_alone(string? label)
    {
        store.Create("p1.img", 40, label);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(store.PathOf("p1.img")));
    }

    [Fact]
    public void A_raw_image_is_all_zeros()
    {
        store.Create("p1.img", 40, label: null);

        using var image = File.OpenRead(store.PathOf("p1.img"));
        var buffer = new byte[1 << 20];
        for (var mib = 0; mib < 40; mib++)
        {
            image.ReadExactly(buffer);
            Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0));
        }

        Assert.Equal(0, image.Read(buffer));
    }

    [Fact]
    public void An_image_is_never_made_over_another()
    {
        store.Create("p1.img", 40, "WORK");
        File.AppendAllText(store.PathOf("p1.img"), "somebody's work");

        var error = Assert.Throws<ImageException>(() => store.Create("p1.img", 40, "WORK"));

        Assert.False(error.NoSpace);
        Assert.EndsWith("somebody's work", File.ReadAllText(store.PathOf("p1.img")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_never_made_through_a_link()
    {
        File.CreateSymbolicLink(store.PathOf("p1.img"), folder["elsewhere"]);

        Assert.Throws<ImageException>(() => store.Create("p1.img", 40, "WORK"));

        Assert.False(File.Exists(folder["elsewhere"]));
    }

    [Fact]
    public void An_image_that_could_not_be_finished_is_gone()
    {
        Assert.Throws<ArgumentException>(() => store.Create("p1.img", 1, "WORK"));

        Assert.False(File.Exists(store.PathOf("p1.img")));
    }

    [Fact]
    public void A_full_disk_is_told_from_a_broken_one()
    {
        var full = Assert.Throws<IOException>(() =>
        {
            using var file = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write("x"u8);
        });

        Assert.True(ImageException.Of("the image", full).NoSpace);
        Assert.False(ImageException.Of("the image", new FileNotFoundException()).NoSpace);
        Assert.False(ImageException.Of("the image", new UnauthorizedAccessException()).NoSpace);
    }

    [Fact]
    public void Deleting_what_is_not_there_is_no_error()
    {
        store.Create("p1.img", 40, "WORK");

        store.Delete("p1.img");
        store.Delete("p1.img");

        Assert.False(File.Exists(store.PathOf("p1.img")));
    }

    [Fact]
    public void The_spool_as_a_whole_is_bounded_by_what_its_images_have_on_the_disk_and_the_next_one_counts_in_full()
    {
        store.Create("p1.img", 40, null);
        var old = store.PathOf("p1.img");
        store.Dispose();
        using (var file = File.OpenWrite(old)) file.Write(new byte[3 * 1024 * 1024]);

        using var next = ImageStore.Open(spool, maxMiB: 50);
        next.Create("p2.img", 47, null);    // 3 MiB and, being sparse, nothing
        var e = Assert.Throws<ImageException>(() => next.Create("p3.img", 48, null));
        Assert.True(e.NoSpace);
        Assert.Contains("50 MiB", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(next.PathOf("p3.img")));

        File.Delete(old);
        next.Create("p3.img", 48, null);
    }

    [Fact]
    public void A_disk_that_would_be_full_if_all_that_there_are_were_filled_gets_no_more()
    {
        store.Dispose();
        var free = 200L * 1024 * 1024;
        using var next = ImageStore.Open(spool, maxMiB: null, keepFreeMiB: 20, () => free);
        next.Create("p1.img", 80, null);
        next.Create("p2.img", 100, null);    // 180 that may be filled, 20 kept
        var e = Assert.Throws<ImageException>(() => next.Create("p3.img", 40, null));
        Assert.True(e.NoSpace);
        Assert.Contains("has 200 MiB free, of which the pendrives that there are may still take 180 and 20 are to stay free: too little for 40", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(next.PathOf("p3.img")));

        // What is written is no longer free, and no longer to be written.
        using (var file = File.OpenWrite(next.PathOf("p2.img"))) file.Write(new byte[100 * 1024 * 1024]);
        free -= 100L * 1024 * 1024;
        Assert.Throws<ImageException>(() => next.Create("p3.img", 40, null));
        next.Delete("p2.img");
        free += 100L * 1024 * 1024;
        next.Create("p3.img", 100, null);
    }

    [Fact]
    public void A_sweep_leaves_the_images_that_somebody_has()
    {
        store.Create("p1.img", 40, null);
        var old = store.PathOf("p1.img");
        store.Dispose();

        using var next = ImageStore.Open(spool);
        Assert.Equal([old], next.OfEarlierRuns());
        Assert.Equal(0, next.Sweep(new HashSet<string> { old }));
        Assert.True(File.Exists(old));
    }

    [Fact]
    public void A_sweep_takes_the_images_of_earlier_runs_and_nothing_else()
    {
        store.Create("p1.img", 40, "WORK");
        var old = store.PathOf("p1.img");
        File.WriteAllText(Path.Combine(spool, "notes.txt"), "the admin's");
        store.Dispose();

        using var next = ImageStore.Open(spool);
        next.Create("p1.img", 40, "WORK");

        Assert.Equal(1, next.Sweep(new HashSet<string>()));
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(next.PathOf("p1.img")));
        Assert.True(File.Exists(Path.Combine(spool, "notes.txt")));
        Assert.Equal(0, next.Sweep(new HashSet<string>()));
    }

    [Theory]
    [InlineData(40, 36)]
    [InlineData(1024, 64)]
    public void Two_volumes_differ_in_their_serial_number_and_in_nothing_else(int mib, int extended)
    {
        store.Create("p1.img", mib, "WORK");
        store.Create("p2.img", mib, "WORK");
        var (one, other) = (Head("p1.img"), Head("p2.img"));

        Assert.False(one.AsSpan(extended + 3, 4).SequenceEqual(other.AsSpan(extended + 3, 4)));
        foreach (var boot in new[] { one, other })
        {
            boot.AsSpan(extended + 3, 4).Clear();
            boot.AsSpan((6 * 512) + extended + 3, 4).Clear();
        }

        Assert.Equal(one, other);
    }

    [Fact]
    public void The_backup_of_the_boot_sector_and_of_the_counts_are_copies()
    {
        store.Create("p1.img", 1024, "WORK");
        var head = Head("p1.img");

        Assert.Equal(head.AsSpan(0, 512), head.AsSpan(6 * 512, 512));
        Assert.Equal(head.AsSpan(512, 512), head.AsSpan(7 * 512, 512));
        Assert.Equal(0x41615252u, ReadUInt32LittleEndian(head.AsSpan(512)));
        Assert.Equal(261_627u, ReadUInt32LittleEndian(head.AsSpan(512 + 488)));
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    /// <summary>The 16 sectors where all of a volume's description is.</summary>
    private byte[] Head(string name)
    {
        var head = new byte[16 * 512];
        using var image = File.OpenRead(store.PathOf(name));
        image.ReadExactly(head);
        return head;
    }
}
