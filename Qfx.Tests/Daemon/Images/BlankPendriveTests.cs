using System.Security.Cryptography;
using Qfx.Daemon.Images;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Images;

/// <summary>What the programs of others say of a blank pendrive.</summary>
public sealed class BlankPendriveTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ImageStore store;

    public BlankPendriveTests() => store = ImageStore.Open(folder["spool"]);

    /// <summary>The smallest that can be configured, both sides of where FAT32 begins, the usual, the default limit, the largest.</summary>
    public static TheoryData<int> Sizes => [40, 64, 511, 512, 1024, 4096, 16 * 1024, 512 * 1024];

    /// <summary>1, 11 and 31 characters, and together every character that a name can have.</summary>
    public static TheoryData<string> Names =>
    [
        "w", "Z", "0", "elevenchars", "twelve.chars", "a.b-c_d.e-f_g.h-i_j.k-l_m.n-o_p",
        "abcdefghijk", "lmnopqrstuv", "wxyzABCDEFG", "HIJKLMNOPQR", "STUVWXYZ012", "3456789_.-x", "9.........", "9----------", "9_",
    ];

    [Theory, MemberData(nameof(Sizes))]
    public async Task The_checker_of_file_systems_has_nothing_to_say(int mib)
    {
        Programs.Require("fsck.vfat");
        var image = Make(mib, "work");

        var (code, output) = await Programs.RunAsync("fsck.vfat", ["-n", image]);

        Assert.Equal(0, code);
        // Its version, and one line of counts (the label is a file to it): an image without complaints has no other.
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.StartsWith("fsck.fat ", lines[0], StringComparison.Ordinal);
        Assert.Matches($"^{image}: 1 files, [01]/[0-9]+ clusters$", Assert.Single(lines[1..]));
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task It_occupies_next_to_nothing(int mib)
    {
        var image = Make(mib, "work");

        var (code, output) = await Programs.RunAsync("du", ["-k", image]);

        Assert.Equal(0, code);
        Assert.InRange(int.Parse(output.Split('\t')[0]), 0, 63);
        Assert.Equal(mib * 1024L * 1024, new FileInfo(image).Length);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Its_label_is_shown_as_formed_and_nothing_complains(string name)
    {
        Programs.Require("mdir");
        Programs.Require("fsck.vfat");
        var image = Make(1024, name);

        var (code, output) = await Programs.RunAsync("mdir", ["-i", image, "::"]);
        var label = await Programs.RunAsync("mlabel", ["-s", "-i", image, "::"]);
        var check = await Programs.RunAsync("fsck.vfat", ["-n", image]);

        Assert.Equal(0, code);
        Assert.Contains($"Volume in drive : is {PendriveLabel.Of(VmName.Parse(name))} ", output.Replace("\n", " \n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("No files", output, StringComparison.Ordinal);
        Assert.Equal($"Volume label is {PendriveLabel.Of(VmName.Parse(name))}", label.Output.Split("(abbr")[0].Trim());
        Assert.Equal(0, check.Exit);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1024)]
    public async Task A_file_that_is_put_in_comes_out_the_same_and_leaves_the_volume_clean(int mib)
    {
        Programs.Require("mcopy");
        Programs.Require("fsck.vfat");
        var image = Make(mib, "work");
        var file = folder["some file ä.bin"];
        await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(3_000_000), TestContext.Current.CancellationToken);

        var put = await Programs.RunAsync("mcopy", ["-i", image, file, "::in.bin"]);
        var get = await Programs.RunAsync("mcopy", ["-i", image, "::in.bin", folder["out"]]);
        var check = await Programs.RunAsync("fsck.vfat", ["-n", image]);

        Assert.Equal((0, 0, 0), (put.Exit, get.Exit, check.Exit));
        Assert.Equal(
            await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(folder["out"], TestContext.Current.CancellationToken));
    }

    /// <summary>All but the end: mkfs leaves what is not a whole track unused.</summary>
    [Fact]
    public async Task One_of_1_GiB_has_the_sizes_that_mkfs_would_give_it()
    {
        Programs.Require("mkfs.vfat");
        Programs.Require("minfo");
        var image = Make(1024, "work");
        var peer = folder["peer"];
        await using (var file = File.Create(peer)) file.SetLength(1L << 30);
        await Programs.RunAsync("mkfs.vfat", ["-n", "WORK", peer]);

        var ours = await FactsAsync(image);
        var theirs = await FactsAsync(peer);

        Assert.Equal(theirs, ours);

        static async Task<string[]> FactsAsync(string image) =>
            [.. (await Programs.RunAsync("minfo", ["-i", image, "::"])).Output.Split('\n').Where(line =>
                line.StartsWith("cluster size", StringComparison.Ordinal)
                || line.StartsWith("reserved", StringComparison.Ordinal)
                || line.StartsWith("fats", StringComparison.Ordinal)
                || line.StartsWith("media", StringComparison.Ordinal)
                || line.StartsWith("Big fatlen", StringComparison.Ordinal)
                || line.StartsWith("rootCluster", StringComparison.Ordinal)
                || line.StartsWith("infoSector location", StringComparison.Ordinal)
                || line.StartsWith("backup boot", StringComparison.Ordinal)
                || line.StartsWith("last allocated", StringComparison.Ordinal)
                || line.StartsWith("signature", StringComparison.Ordinal))];
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    private string Make(int mib, string name)
    {
        store.Create("p1.img", mib, PendriveLabel.Of(VmName.Parse(name)));
        return store.PathOf("p1.img");
    }
}
