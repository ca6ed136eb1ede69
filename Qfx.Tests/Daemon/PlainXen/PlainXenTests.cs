using System.CommandLine;
using Qfx.Daemon.Cli;
using Qfx.Daemon.PlainXen;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.PlainXen;

/// <summary>Savefiles and restores with a toolstack that is a script: domains are files.</summary>
public sealed class PlainXenTests : IDisposable
{
    private const string FakeXl = """
        #!/bin/sh
        d=DIR
        echo "$*" >> "$d/log"
        case $1 in
        domid) cat "$d/domain.$2" 2>/dev/null || exit 1 ;;
        save) [ ! -e "$d/fail" ] || exit 1; echo "saved $2" > "$3"; rm "$d/domain.$2" ;;
        restore)
            [ "$2" != -p ] || shift
            name=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$2")
            cp "$2" "$d/config"
            number=$(($(cat "$d/number") + 1))
            echo "$number" > "$d/number"
            echo "$number" > "$d/domain.$name"
            [ ! -p "$d/begun" ] || { echo begun > "$d/begun"; exec sleep 60; }
            [ ! -e "$d/fail" ] || { echo 'out of memory' >&2; exit 3; } ;;
        info) cat "$d/free" 2>/dev/null || exit 1 ;;
        destroy) rm -f "$d/domain.$2" ;;
        esac
        """;

    private readonly TempFolder folder = new();
    private readonly SavefileFolder places;
    private readonly Xl xl;

    public PlainXenTests()
    {
        places = new(folder["data"], folder["run"]);
        xl = new(folder["xl"]);
        File.WriteAllText(folder["xl"], FakeXl.Replace("DIR", folder.Path, StringComparison.Ordinal));
        File.SetUnixFileMode(folder["xl"], (UnixFileMode)0b111_101_101);
        File.WriteAllText(folder["number"], "16");
        File.WriteAllText(folder["domain.dvm"], "4\n");
        File.WriteAllText(folder["kernel"], "");
        File.WriteAllText(folder["dvm.cfg"], $"name = \"dvm\"\nuuid = \"x\"\nkernel = \"{folder["kernel"]}\"\n");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] Domains => [.. Directory.GetFiles(folder.Path, "domain.*").Select(Path.GetExtension).Select(name => name![1..]).Order()];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_guest_that_runs_becomes_the_savefile_and_each_restore_a_new_domain_with_three_lines_about_it()
    {
        await PrepareAsync();
        Assert.Equal("saved dvm\n", await File.ReadAllTextAsync(places.Current, Cancel));
        Assert.Empty(Domains);

        await RestoreAsync();
        Assert.Equal("17\ndisp1\ndvm\n", await File.ReadAllTextAsync(places.Report, Cancel));
        Assert.Equal($"name = \"disp1\"\nkernel = \"{folder["kernel"]}\"\n", await File.ReadAllTextAsync(folder["config"], Cancel));
        await RestoreAsync(paused: true);
        Assert.Equal("18\ndisp2\ndvm\n", await File.ReadAllTextAsync(places.Report, Cancel));
        Assert.Equal(["disp1", "disp2"], Domains);
        Assert.Contains($"restore -p /", await File.ReadAllTextAsync(folder["log"], Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_a_domain_has_is_not_given_to_another_nor_one_of_a_domain_that_ended()
    {
        await PrepareAsync();
        await File.WriteAllTextAsync(folder["domain.disp1"], "9", Cancel);
        await RestoreAsync();
        File.Delete(folder["domain.disp2"]);
        await RestoreAsync();
        Assert.Equal("18\ndisp3\ndvm\n", await File.ReadAllTextAsync(places.Report, Cancel));
    }

    [Fact]
    public async Task A_restore_that_fails_leaves_no_domain_and_no_report()
    {
        await PrepareAsync();
        await RestoreAsync();
        await File.WriteAllTextAsync(folder["fail"], "", Cancel);
        var e = await Assert.ThrowsAsync<IOException>(() => RestoreAsync());
        Assert.Contains("exit code 3: out of memory", e.Message, StringComparison.Ordinal);
        Assert.Equal(["disp1"], Domains);
        Assert.False(File.Exists(places.Report));
    }

    [Theory]
    [InlineData("40", "memory = 128", true)]
    [InlineData("140", "memory='128'", true)]    // Xen takes some besides
    [InlineData("200", "memory = 128", false)]
    [InlineData("40", "memory = two", false)]
    [InlineData("much", "memory = 128", false)]
    public async Task One_that_fails_with_too_little_memory_free_says_so(string free, string memory, bool said)
    {
        await File.AppendAllTextAsync(folder["dvm.cfg"], memory + "\n", Cancel);
        await PrepareAsync();
        await File.WriteAllTextAsync(folder["free"], free + "\n", Cancel);
        await File.WriteAllTextAsync(folder["fail"], "", Cancel);

        var e = await Assert.ThrowsAnyAsync<IOException>(() => RestoreAsync());
        Assert.Equal(said, e is NotEnoughMemoryException);
        if (said) Assert.Equal($"the guest has 128 MiB, and {free} were free", e.Message);
        Assert.Empty(Domains);
        string[] places = ["--xl", folder["xl"], "--data", folder["data"], "--run", folder["run"]];
        Assert.Equal(said ? 75 : 1, await QfilexchgdAsync("restore", [folder["run/current_savefile"], "-c", "red", "-i", "red", "-l", "1", .. places]));
    }

    [Fact]
    public async Task Nothing_is_written_beside_its_own_places_for_the_daemon_may_not()
    {
        await PrepareAsync();
        await RestoreAsync();
        Assert.Contains($"restore {folder["run/disp1.cfg"]} ", await File.ReadAllTextAsync(folder["log"], Cancel), StringComparison.Ordinal);
        Assert.False(File.Exists(folder["run/disp1.cfg"]));
    }

    [Fact]
    public async Task What_a_restore_that_was_killed_has_left_is_ended_by_the_next_one()
    {
        await PrepareAsync();
        await RestoreAsync();
        await File.WriteAllTextAsync(folder["domain.disp2"], "9\n", Cancel);
        await File.WriteAllTextAsync(folder["run/disp2.cfg"], "name = \"disp2\"", Cancel);
        foreach (var others in new[] { "display", "disp" }) await File.WriteAllTextAsync(folder[$"run/{others}.cfg"], "somebody else's", Cancel);

        await RestoreAsync();

        Assert.Equal(["disp1", "disp2"], Domains);    // another disp2
        Assert.Contains("destroy disp2", await File.ReadAllTextAsync(folder["log"], Cancel), StringComparison.Ordinal);
        Assert.Equal(["disp.cfg", "display.cfg"], Directory.GetFiles(folder["run"], "*.cfg").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task After_the_host_was_started_anew_what_was_prepared_is_put_to_use_again()
    {
        string[] places = ["--xl", folder["xl"], "--data", folder["data"], "--run", folder["run"]];
        Assert.Equal(1, await QfilexchgdAsync("use", places));    // nothing was prepared
        await PrepareAsync();
        Directory.Delete(folder["run"], recursive: true);
        Assert.NotNull(this.places.Stale());

        Assert.Equal(0, await QfilexchgdAsync("use", places));
        Assert.Null(this.places.Stale());
        await RestoreAsync();
        Assert.Equal(["disp1"], Domains);

        File.SetLastWriteTimeUtc(folder["kernel"], DateTime.UtcNow.AddHours(1));
        Assert.Equal(1, await QfilexchgdAsync("use", places));    // it has to be prepared anew
    }

    [Fact]
    public async Task One_that_is_told_to_end_leaves_no_domain_either()
    {
        await PrepareAsync();
        await Programs.RunAsync("mkfifo", [folder["begun"]]);
        using var stop = new CancellationTokenSource();
        var restore = new RestoreGuest(xl, places).RunAsync(places.Current, paused: false, stop.Token);
        Assert.Equal("begun\n", await Task.Run(() => File.ReadAllText(folder["begun"]), Cancel));
        Assert.Equal(["disp1"], Domains);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restore);
        Assert.Empty(Domains);
    }

    [Theory]
    [InlineData("none", "", "does not run")]
    [InlineData("dvm", "disk = [ '/a,raw,xvda,rw' ]", "lets dvm write to a disk (/a,raw,xvda,rw)")]
    [InlineData("other", "", "is not the configuration of other: its name is dvm")]
    public async Task What_would_not_do_is_not_saved(string name, string more, string why)
    {
        if (name == "none") File.Move(folder["domain.dvm"], folder["domain.gone"]);
        await File.AppendAllTextAsync(folder["dvm.cfg"], more, Cancel);
        var e = await Assert.ThrowsAsync<IOException>(() => new PrepareSavefile(xl, places).RunAsync(VmName.Parse(name == "none" ? "dvm" : name), folder["dvm.cfg"], Cancel));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.NotNull(places.Stale());
    }

    [Fact]
    public async Task A_save_that_fails_leaves_the_earlier_savefile_in_use()
    {
        await PrepareAsync();
        await File.WriteAllTextAsync(folder["domain.dvm"], "5", Cancel);
        await File.WriteAllTextAsync(folder["fail"], "", Cancel);
        await Assert.ThrowsAsync<IOException>(() => PrepareAsync());
        Assert.Null(places.Stale());
        Assert.Equal(["default_savefile", "dvm.cfg", "dvm.save", "savefile_root"], Directory.GetFiles(folder["data"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_can_fail_comes_before_the_save_which_ends_the_guest()
    {
        await PrepareAsync();
        await File.WriteAllTextAsync(folder["domain.dvm"], "4\n", Cancel);
        Directory.CreateDirectory(places.ConfigOf("dvm") + ".new");    // nothing can be written there

        await Assert.ThrowsAnyAsync<Exception>(() => PrepareAsync());
        Assert.Equal(["dvm"], Domains);
        Assert.Equal("saved dvm\n", await File.ReadAllTextAsync(places.Current, Cancel));
    }

    [Fact]
    public async Task It_is_stale_when_a_part_is_missing_or_what_the_guest_is_made_of_is_newer()
    {
        Assert.Contains("current_savefile is missing", places.Stale(), StringComparison.Ordinal);
        await PrepareAsync();
        Assert.Null(places.Stale());
        File.SetLastWriteTimeUtc(folder["kernel"], DateTime.UtcNow.AddHours(1));
        Assert.Contains("is older than", places.Stale(), StringComparison.Ordinal);
        File.Delete(folder["kernel"]);
        Assert.Contains("savefile_root is missing", places.Stale(), StringComparison.Ordinal);
        File.Delete(folder["data/dvm.save"]);
        Assert.Contains("current_savefile is missing", places.Stale(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_is_that_of_qubes_restore()
    {
        string[] places = ["--xl", folder["xl"], "--data", folder["data"], "--run", folder["run"]];
        Assert.Equal(1, await QfilexchgdAsync("state", places));
        Assert.Equal(0, await QfilexchgdAsync("prepare", ["dvm", "--config", folder["dvm.cfg"], .. places]));
        Assert.Equal(0, await QfilexchgdAsync("state", places));
        Assert.Equal(0, await QfilexchgdAsync("restore", [folder["run/current_savefile"], "-c", "0x5fa05e", "-i", "green", "-l", "4", .. places]));
        Assert.Equal(["disp1"], Domains);
        Assert.Equal(1, await QfilexchgdAsync("restore", [folder["none"], "-c", "red", "-i", "red", "-l", "1", .. places]));
    }

    private static Task<int> QfilexchgdAsync(string command, string[] words) => new RootCommand { DvmCommand.Create() }.Parse(["dvm", command, .. words]).InvokeAsync();

    private Task PrepareAsync() => new PrepareSavefile(xl, places).RunAsync(VmName.Parse("dvm"), folder["dvm.cfg"], Cancel);

    private Task RestoreAsync(bool paused = false) => new RestoreGuest(xl, places).RunAsync(places.Current, paused, Cancel);
}
