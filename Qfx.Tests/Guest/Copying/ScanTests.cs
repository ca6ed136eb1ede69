using Qfx.Guest;
using Qfx.Guest.Archive;
using Qfx.Guest.Copying;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Copying;

/// <summary>What is found out before anything is asked.</summary>
public sealed class ScanTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_tree_is_listed_folders_first_with_all_its_bytes()
    {
        Trees.Fill(folder["tree"]);
        var plan = Vfat("tree");

        Assert.Empty(plan.Obstacles);
        Assert.Equal(Trees.Names.Select((_, i) => i * 4000L).Sum(), plan.Bytes);
        Assert.Equal("tree", plan.Items[0].Target);
        Assert.All(plan.Items.Skip(1), item => Assert.Contains(plan.Items.TakeWhile(other => other != item), other => other.Target == item.Folder));
        Assert.Contains(plan.Items, item => item.Target.Length > 300);
    }

    [Theory]
    [InlineData("a:b", "has a : in its name")]
    [InlineData("what?", "has a ? in its name")]
    [InlineData("back\\slash", "has a \\ in its name")]
    [InlineData("dot.", "ends with a dot")]
    [InlineData("blank ", "ends with a blank")]
    [InlineData("tab\tin", "has a control character in its name")]
    public void A_name_that_vfat_cannot_hold_is_named(string name, string why)
    {
        Trees.Write(folder["tree"], name, [1]);
        Assert.Equal(new(folder[$"tree/{name}"], why), Assert.Single(Vfat("tree").Obstacles));
        if (name[^1] is not 'n') Assert.Empty(Archive("tree").Obstacles);
    }

    [Fact]
    public void A_file_of_4_GiB_is_refused_by_name_and_one_byte_less_is_not()
    {
        Sparse("most", VfatRules.LargestFile);
        Sparse("more", VfatRules.LargestFile + 1);
        var obstacle = Assert.Single(Vfat("most", "more").Obstacles);
        Assert.EndsWith("/more", obstacle.Path, StringComparison.Ordinal);
        Assert.Contains("4 GiB", obstacle.Why, StringComparison.Ordinal);
        Assert.Empty(Archive("most", "more").Obstacles);
    }

    [Fact]
    public void Names_that_differ_in_capitals_alone_clash_on_vfat_and_the_first_one_goes()
    {
        Trees.Write(folder["tree"], "Report.txt", [1]);
        Trees.Write(folder["tree"], "REPORT.TXT", [2]);
        Trees.Write(folder["tree"], "Ελένη", [3]);
        Trees.Write(folder["tree"], "ΕΛΈΝΗ", [4]);
        var plan = Vfat("tree");
        Assert.Equal(2, plan.Obstacles.Count);
        Assert.All(plan.Obstacles, obstacle => Assert.StartsWith("would have the same name there as", obstacle.Why, StringComparison.Ordinal));
        Assert.Equal(2, plan.Files);
        Assert.Equal(4, Archive("tree").Files);
    }

    [Fact]
    public async Task Links_pipes_and_sockets_are_named()
    {
        Trees.Write(folder["tree"], "file", [1]);
        File.CreateSymbolicLink(folder["tree/inside"], "file");
        File.CreateSymbolicLink(folder["tree/outside"], "../../etc/passwd");
        Assert.Equal(0, (await Programs.RunAsync("mkfifo", [folder["tree/pipe"]])).Exit);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder["tree/socket"]));

        Assert.Equal(["inside is a link", "outside is a link", "pipe is a pipe", "socket is a socket"], Said(Vfat("tree")));
        Assert.Equal(["outside is a link that leads out of what is sent", "pipe is a pipe", "socket is a socket"], Said(Archive("tree")));
        Assert.Equal("file", Archive("tree").Items.Single(item => item.Name == "inside").LinkTo);
    }

    [Fact]
    public void Links_that_are_followed_count_as_what_they_lead_to_and_a_circle_is_seen()
    {
        Trees.Write(folder["tree"], "file", [1, 2, 3]);
        File.CreateSymbolicLink(folder["tree/link"], "file");
        File.CreateSymbolicLink(folder["tree/nowhere"], "missing");
        Directory.CreateSymbolicLink(folder["tree/circle"], "../tree");
        var plan = Scan.Of([folder["tree"]], new VfatRules(), follow: true, Cancel);
        Assert.Equal(6, plan.Bytes);
        Assert.Equal(["circle leads back to a folder that it is in", "nowhere is a link that leads nowhere"], Said(plan));
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_named()
    {
        Trees.Write(folder["tree"], "good", [1]);
        Assert.Equal(0, (await Programs.RunAsync("sh", ["-c", $"printf x > '{folder["tree"]}'/$(printf 'bad\\377name')"])).Exit);
        Assert.Equal(["bad\uFFFDname has a name that is not UTF-8"], Said(Vfat("tree")));
        await Programs.RunAsync("rm", ["-rf", folder["tree"]]);    // .NET cannot name it
    }

    [Fact]
    public async Task What_may_not_be_read_is_named()
    {
        // Root may read everything, so for root somebody else looks.
        Trees.Write(folder["tree"], "secret", [1]);
        Directory.CreateDirectory(folder["tree/closed"]);
        File.SetUnixFileMode(folder["tree/secret"], UnixFileMode.None);
        File.SetUnixFileMode(folder["tree/closed"], UnixFileMode.None);
        if (Environment.UserName != "root")
        {
            Assert.Equal(["closed may not be read by you", "secret may not be read by you"], Said(Vfat("tree")));
            return;
        }

        Programs.Require("setpriv");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        var guest = Path.Combine(AppContext.BaseDirectory, "qfx-guest");
        var (exit, output) = await Programs.RunAsync(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", guest, "qvm-copy-to-vm", "personal", folder["tree"]], ("QFX_PENDRIVE", "mtools"));
        Assert.SkipWhen(output.Contains("annot execute", StringComparison.Ordinal) || exit is 126 or 127, "The programs lie where another user may not go.");
        Assert.Equal(7, exit);
        Assert.Contains("closed may not be read by you", output, StringComparison.Ordinal);
        Assert.Contains("secret may not be read by you", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_not_there_is_a_mistake_on_the_command_line()
    {
        var e = Assert.Throws<GuestException>(() => Vfat("missing"));
        Assert.Equal(ExitCode.Usage, e.Exit);
    }

    [Fact]
    public void It_ends_when_it_is_told_to()
    {
        Trees.Fill(folder["tree"]);
        Assert.ThrowsAny<OperationCanceledException>(() => Scan.Of([folder["tree"]], new VfatRules(), follow: false, new(canceled: true)));
    }

    private Plan Vfat(params string[] names) => Scan.Of(names.Select(name => folder[name]), new VfatRules(), follow: false, Cancel);

    private Plan Archive(params string[] names) => Scan.Of(names.Select(name => folder[name]), new ArchiveRules(), follow: false, Cancel);

    private static IEnumerable<string> Said(Plan plan) => plan.Obstacles.Select(obstacle => $"{Path.GetFileName(obstacle.Path)} {obstacle.Why}").Order(StringComparer.Ordinal);

    private void Sparse(string name, long size)
    {
        using var file = File.OpenHandle(folder[name], FileMode.CreateNew, FileAccess.Write);
        RandomAccess.SetLength(file, size);
    }
}
