using System.Text;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Roles;

namespace Qfx.Tests.Daemon.Qubes;

public sealed class LockTests : IDisposable
{
    /// <summary>What a Python tool of 2010 does to the file: lock, read all, write all.</summary>
    private const string PythonTool = """
        import fcntl, os, sys, xml.etree.ElementTree as tree
        path, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        for i in range(first, first + count):
            with open(path, 'r+') as file:
                fcntl.lockf(file, fcntl.LOCK_EX)
                list = tree.parse(file)
                tree.SubElement(list.getroot(), 'QubesAppVm', qid=str(i), name='app%d' % i, template_qid='1', label='red')
                file.seek(0)
                file.truncate()
                file.write(tree.tostring(list.getroot()).decode())
                file.flush()
                fcntl.lockf(file, fcntl.LOCK_UN)
        """;

    private static readonly VmName Saved = VmName.Parse("saved");

    private readonly TempFolder folder = new();

    public LockTests() => File.WriteAllText(
        Path, "<QubesVmCollection><QubesTemplateVm qid='1' name='t'/><QubesAppVm qid='2' name='saved' template_qid='1' label='green'/></QubesVmCollection>");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => folder["qubes.xml"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task While_another_process_holds_the_lock_a_change_waits()
    {
        using var other = Role.Start("record-lock", Path);
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(Cancel));
        var change = new QubesDatabase(Path).AddDisposableAsync(VmName.Parse("disp1"), Saved, VmLabel.Red, Cancel);
        var text = await File.ReadAllTextAsync(Path, Cancel);
        Assert.False(change.IsCompleted);
        Assert.DoesNotContain("disp1", text, StringComparison.Ordinal);

        other.StandardInput.Close();
        await change;
        Assert.Contains("disp1", await File.ReadAllTextAsync(Path, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_held_here_another_process_waits_even_if_somebody_opens_and_closes_the_file()
    {
        var file = await DatabaseFile.OpenAsync(new DatabaseLibc(), Path, null, Cancel);
        _ = await File.ReadAllTextAsync(Path, Cancel);    // a lock by process would be gone with this
        using var other = Role.Start("record-lock", Path);
        var held = other.StandardOutput.ReadLineAsync(Cancel).AsTask();
        using var later = new QubesDatabase(Path).LabelOfAsync(Saved, Cancel);
        Assert.False(held.IsCompleted);
        Assert.False(later.IsCompleted);

        file.Dispose();
        Assert.Equal("held", await held);
        other.StandardInput.Close();
        Assert.Equal(QubesLabels.Find("green"), await later);
    }

    [Fact]
    public async Task A_wait_for_the_lock_is_broken_off_by_its_token_and_keeps_nobody_out()
    {
        var file = await DatabaseFile.OpenAsync(new DatabaseLibc(), Path, null, Cancel);
        using var stop = new CancellationTokenSource();
        var waiting = new QubesDatabase(Path).RemoveDisposableAsync(VmName.Parse("disp1"), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        file.Dispose();
        await new QubesDatabase(Path).LabelOfAsync(Saved, Cancel);
    }

    [Fact]
    public async Task A_file_that_was_replaced_while_it_was_waited_for_is_opened_anew()
    {
        var file = await DatabaseFile.OpenAsync(new DatabaseLibc(), Path, null, Cancel);
        var change = new QubesDatabase(Path).AddDisposableAsync(VmName.Parse("disp1"), Saved, VmLabel.Red, Cancel);
        File.Copy(Path, folder["new"]);
        File.Move(folder["new"], Path, overwrite: true);
        file.Dispose();
        await change;
        Assert.Contains("disp1", await File.ReadAllTextAsync(Path, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_from_many_threads_are_all_there()
    {
        var database = new QubesDatabase(Path);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => database.AddDisposableAsync(VmName.Parse($"disp{i}"), Saved, VmLabel.Red, Cancel)));
        var vms = QubesVmList.Parse(await File.ReadAllBytesAsync(Path, Cancel)).Vms;
        Assert.Equal(Enumerable.Range(1, 22), vms.Select(vm => vm.Qid!.Value).Order());
    }

    [Fact]
    public async Task Pythons_own_lockf_and_ElementTree_share_the_file_with_it_and_nothing_is_lost()
    {
        Programs.Require("python3");
        await File.WriteAllTextAsync(folder["tool.py"], PythonTool, Cancel);
        var database = new QubesDatabase(Path);
        var python = Enumerable.Range(1, 2).Select(i => Programs.RunAsync("python3", [folder["tool.py"], Path, $"{i * 1000}", "50"])).ToArray();
        for (var i = 1; i <= 50; i++)
        {
            await database.AddDisposableAsync(VmName.Parse($"disp{i}"), Saved, VmLabel.Red, Cancel);
            if (i % 2 == 0) await database.RemoveDisposableAsync(VmName.Parse($"disp{i}"), Cancel);
        }

        foreach (var (exit, output) in await Task.WhenAll(python)) Assert.True(exit == 0, output);
        var vms = QubesVmList.Parse(await File.ReadAllBytesAsync(Path, Cancel)).Vms;
        Assert.Equal(100, vms.Count(vm => vm.Name!.StartsWith("app", StringComparison.Ordinal)));
        Assert.Equal(25, vms.Count(vm => vm.Element == "QubesDisposableVm"));
        Assert.Equal(vms.Count, vms.Select(vm => vm.Qid).Distinct().Count());
    }

    [Fact]
    public async Task A_VM_that_the_list_does_not_have_is_trusted_least()
    {
        Assert.Equal(VmLabel.Red, await new QubesDatabase(Path).LabelOfAsync(VmName.Parse("unknown"), Cancel));
        Assert.Equal(4, (await new QubesDatabase(Path).LabelOfAsync(Saved, Cancel)).Index);
    }

    [Fact]
    public async Task A_list_that_is_not_there_or_no_list_is_said_so_with_its_path()
    {
        var e = await Assert.ThrowsAsync<VmDatabaseException>(() => new QubesDatabase(folder["none"]).LabelOfAsync(Saved, Cancel));
        Assert.Contains(folder["none"], e.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(Path, Encoding.ASCII.GetBytes("<qubes/>"), Cancel);
        e = await Assert.ThrowsAsync<VmDatabaseException>(() => new QubesDatabase(Path).LabelOfAsync(Saved, Cancel));
        Assert.Contains("QubesVmCollection", e.Message, StringComparison.Ordinal);
    }
}
