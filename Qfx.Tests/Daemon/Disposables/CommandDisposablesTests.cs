using Qfx.Daemon.Disposables;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Daemon.Disposables;

/// <summary>The commands, played by small scripts.</summary>
public sealed class CommandDisposablesTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_restore_command_gets_the_label_and_its_report_is_read()
    {
        var host = Host(restore: "printf '%s\\n' \"$@\" >args; printf '7\\ndisp2\\ndvm\\n' >report");
        var vm = await host.RestoreAsync(new(4, "0x5fa05e", "green"), paused: true, "mark", Cancel);

        Assert.Equal("7 disp2 dvm", $"{vm.Domid} {vm.Name} {vm.SavedFrom}");
        Assert.Equal([folder["savefile"], "-c", "0x5fa05e", "-i", "green", "-l", "4", "-p"], await File.ReadAllLinesAsync(folder["args"], Cancel));
    }

    [Fact]
    public async Task An_earlier_report_is_not_taken_for_this_one()
    {
        await File.WriteAllTextAsync(folder["report"], "7\ndisp2\ndvm\n", Cancel);
        await Assert.ThrowsAsync<DisposableException>(() => Host(restore: "exit 0").RestoreAsync(VmLabel.Red, false, "mark", Cancel));
    }

    [Fact]
    public async Task A_restore_that_fails_says_why_and_what_it_left()
    {
        var failed = await Assert.ThrowsAsync<DisposableException>(() =>
            Host(restore: "printf '7\\ndisp2\\ndvm\\n' >report; echo no memory >&2; exit 3").RestoreAsync(VmLabel.Red, false, "mark", Cancel));

        Assert.Equal(new Domid(7), failed.Left);
        Assert.EndsWith("ended with exit code 3: no memory", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(75, true)]
    [InlineData(1, false)]
    public async Task One_that_ends_for_want_of_memory_says_so_by_its_exit_code(int exit, bool memory)
    {
        var failed = await Assert.ThrowsAsync<DisposableException>(() => Host(restore: $"exit {exit}").RestoreAsync(VmLabel.Red, false, "mark", Cancel));
        Assert.Equal(memory, failed.LacksMemory);
    }

    [Fact]
    public async Task A_restore_that_is_called_off_is_told_to_end_and_may_clean_up()
    {
        using var off = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var begun = new FileSystemWatcher(folder[""]) { EnableRaisingEvents = true };
        begun.Created += (_, e) =>
        {
            if (e.Name == "begun") off.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Host(restore: "trap 'kill $!; touch cleaned; exit 1' TERM; sleep 60 >/dev/null 2>&1 & touch begun; wait").RestoreAsync(VmLabel.Red, false, "mark", off.Token));

        Assert.True(File.Exists(folder["cleaned"]));
    }

    [Fact]
    public async Task One_that_has_reported_and_is_then_called_off_has_left_a_domain()
    {
        using var off = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var begun = new FileSystemWatcher(folder[""]) { EnableRaisingEvents = true };
        begun.Created += (_, e) =>
        {
            if (e.Name == "begun") off.Cancel();
        };
        var failed = await Assert.ThrowsAsync<DisposableException>(() =>
            Host(restore: "printf '7\\ndisp3\\ndvm\\n' >report; touch begun; exec sleep 60").RestoreAsync(VmLabel.Red, false, "mark", off.Token));

        Assert.Equal(new Domid(7), failed.Left);
    }

    [Fact]
    public async Task A_command_that_is_missing_is_an_error() => await Assert.ThrowsAsync<DisposableException>(() =>
        new CommandDisposables(new() { Destroy = "/nowhere/xl destroy" }).DestroyAsync(new Domid(3), Cancel));

    [Theory]
    [InlineData(true, true, true, 0, true)]
    [InlineData(true, true, true, 60, true)]
    [InlineData(true, true, true, -60, false)]
    [InlineData(false, true, true, 0, false)]
    [InlineData(true, false, true, 0, false)]
    [InlineData(true, true, false, 0, false)]
    public async Task The_savefile_is_fresh_when_all_is_there_and_it_is_not_older_than_its_disk(bool current, bool standard, bool root, int newer, bool fresh)
    {
        foreach (var (name, there) in new[] { ("savefile", current), ("default", standard), ("root", root) })
        {
            if (there) await File.WriteAllTextAsync(folder[name], name, Cancel);
        }

        var time = DateTime.UnixEpoch.AddDays(20_000);
        if (root) File.SetLastWriteTimeUtc(folder["root"], time);
        if (current) File.SetLastWriteTimeUtc(folder["savefile"], time.AddSeconds(newer));

        Assert.Equal(fresh, (await Host("exit 0").LookAsync(Cancel)).Fresh);
    }

    [Fact]
    public async Task Another_savefile_has_another_stamp()
    {
        foreach (var name in new[] { "default", "root", "savefile" }) await File.WriteAllTextAsync(folder[name], name, Cancel);
        var host = Host("exit 0");
        var first = await host.LookAsync(Cancel);
        Assert.Equal(first, await host.LookAsync(Cancel));
        File.SetLastWriteTimeUtc(folder["savefile"], DateTime.UtcNow.AddMinutes(1));

        Assert.NotEqual(first.Stamp, (await host.LookAsync(Cancel)).Stamp);
    }

    private CommandDisposables Host(string restore)
    {
        var script = folder["restore"];
        File.WriteAllText(script, $"#!/bin/sh\ncd '{folder[""]}'\n{restore}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(new()
        {
            Restore = script,
            Savefile = folder["savefile"],
            DefaultSavefile = folder["default"],
            SavefileRoot = folder["root"],
            Report = folder["report"],
        });
    }
}
