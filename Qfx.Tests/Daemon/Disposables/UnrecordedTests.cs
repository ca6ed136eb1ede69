using System.Diagnostics;
using System.Reactive.Disposables;
using Qfx.Daemon.Disposables;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Disposables;

/// <summary>The daemon is killed after a restore and before its record: the VM is known as one of ours that has been given nothing.</summary>
public sealed class UnrecordedTests : IDisposable
{
    private const string Uuid = "11111111-2222-3333-4444-555555555555";

    private static readonly Party Disp = new(new(new Domid(7), Uuid), VmName.Parse("disp3"));
    private static readonly VmName For = VmName.Parse("work");

    private readonly TempFolder folder = new();
    private readonly CoreStore store = new(CoreStore.NewCore(), Domid.Zero);
    private readonly DvmRecords records;

    public UnrecordedTests() => records = DvmRecords.Open(folder["records"]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task One_that_was_restored_and_not_recorded_is_found()
    {
        using (var killed = await RestoredAsync())
        {
        }

        using var anew = Effects();
        Assert.Equal(Disp, await anew.FindUnrecordedAsync(Cancel));
    }

    [Fact]
    public async Task One_that_has_its_record_is_not()
    {
        using var effects = await RestoredAsync();
        await effects.DoAsync(new ExchangeCommand.RecordDvm(new(1), new(Disp, null, false, null), null), Cancel);

        Assert.Null(await effects.FindUnrecordedAsync(Cancel));
        Assert.False(records.IsRestoring);
    }

    [Fact]
    public async Task One_that_was_killed_between_its_record_and_the_end_of_the_mark_is_not_either()
    {
        using var effects = await RestoredAsync();
        records.Write(new(Disp, null, false, null), id => $"{id.Value}.img");

        Assert.True(records.IsRestoring);
        Assert.Null(await effects.FindUnrecordedAsync(Cancel));
    }

    [Fact]
    public async Task One_whose_restore_outlived_the_daemon_is_ended_when_it_reports_and_no_other_restore_begins_before()
    {
        await AppearsAsync();
        using var outlived = Outlives(records.BeginRestore());
        using var anew = Effects();
        var ended = new TaskCompletionSource<Party>();
        anew.AwaitEarlier(TimeSpan.FromMinutes(1), vm => ended.TrySetResult(vm));
        var next = anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel);

        await File.WriteAllTextAsync(folder["report.new"], "7\ndisp3\ndvm\n", Cancel);
        Assert.False(next.IsCompleted);
        Assert.False(ended.Task.IsCompleted);
        File.Move(folder["report.new"], folder["report"]);

        Assert.Equal(Disp, await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.IsType<ExchangeEvent.Restored>(await next);
        Assert.Equal("destroy 7", (await File.ReadAllTextAsync(folder["destroyed"], Cancel)).Trim());
    }

    [Fact]
    public async Task After_a_restore_that_failed_and_left_nothing_there_is_no_mark_to_wait_for()
    {
        await AppearsAsync();
        await File.WriteAllTextAsync(folder["restore"], "#!/bin/sh\nexit 3\n", Cancel);
        using var effects = Effects();
        Assert.IsType<ExchangeEvent.DvmStepFailed>(await effects.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));

        Assert.False(records.IsRestoring);
    }

    [Fact]
    public async Task One_that_began_long_ago_is_not_waited_for()
    {
        await AppearsAsync();
        using var outlived = Outlives(records.BeginRestore());
        File.SetLastWriteTimeUtc(Path.Combine(folder["records"], "restoring"), DateTime.UtcNow.AddMinutes(-3));
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.FromMinutes(2), _ => Assert.Fail("nothing was reported"));

        Assert.IsType<ExchangeEvent.Restored>(await anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));
    }

    [Fact]
    public async Task One_that_does_not_report_within_its_time_holds_nobody_up()
    {
        await AppearsAsync();
        using var outlived = Outlives(records.BeginRestore());
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.Zero, _ => Assert.Fail("nothing was reported"));

        Assert.IsType<ExchangeEvent.Restored>(await anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));
    }

    [Fact]
    public async Task A_late_one_that_cannot_be_ended_is_not_forgotten_for_the_next_restore()
    {
        await AppearsAsync();
        await Programs.ScriptAsync(folder["destroy"], "exit 1");
        using var outlived = Outlives(records.BeginRestore());
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.FromMinutes(1), _ => { });
        await File.WriteAllTextAsync(folder["report.new"], "7\ndisp3\ndvm\n", Cancel);
        File.Move(folder["report.new"], folder["report"]);

        Assert.IsType<ExchangeEvent.DvmStepFailed>(await anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));

        using var next = Effects();
        Assert.Equal(Disp, await next.FindUnrecordedAsync(Cancel));
    }

    [Fact]
    public async Task One_whose_record_comes_after_the_next_restore_has_begun_is_not_taken_for_one_that_nobody_has()
    {
        using var effects = await RestoredAsync();
        Assert.IsType<ExchangeEvent.Restored>(await effects.DoAsync(new ExchangeCommand.Restore(new(2), For, Ahead: false, null), Cancel));
        Assert.False(File.Exists(folder["destroyed"]));
    }

    [Fact]
    public async Task One_that_the_store_does_not_know_as_it_was_reported_is_left_alone_and_not_forgotten()
    {
        await AppearsAsync();
        await store.WriteTextAsync(XsPath.Home(Disp.Domid) / "name", "work", Cancel);
        using var effects = Effects();

        Assert.IsType<ExchangeEvent.DvmStepFailed>(await effects.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));

        Assert.False(File.Exists(folder["destroyed"]));
        Assert.True(records.IsRestoring);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_by_months_holds_nothing_up()
    {
        await AppearsAsync();
        records.BeginRestore();
        File.SetLastWriteTimeUtc(Path.Combine(folder["records"], "restoring"), DateTime.UtcNow.AddDays(60));
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.FromMinutes(2), _ => Assert.Fail("nothing was reported"));

        Assert.IsType<ExchangeEvent.Restored>(await anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));
    }

    [Fact]
    public async Task One_of_which_nothing_runs_any_more_is_not_waited_for()
    {
        await AppearsAsync();
        var outlived = Outlives(records.BeginRestore());
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.FromDays(1), _ => Assert.Fail("nothing was reported"));
        var next = anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel);
        Assert.False(next.IsCompleted);
        outlived.Dispose();

        Assert.IsType<ExchangeEvent.Restored>(await next);
    }

    [Fact]
    public async Task One_that_was_marked_and_not_begun_is_not_waited_for()
    {
        await AppearsAsync();
        records.BeginRestore();
        using var anew = Effects();
        anew.AwaitEarlier(TimeSpan.FromDays(1), _ => Assert.Fail("nothing was reported"));

        Assert.IsType<ExchangeEvent.Restored>(await anew.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));
    }

    [Theory]
    [InlineData("it has ended")]
    [InlineData("its domid is another one's")]
    [InlineData("nothing was reported")]
    [InlineData("no restore of ours had begun")]
    public async Task What_is_not_provably_ours_is_left_alone(string how)
    {
        using var effects = await RestoredAsync();
        switch (how)
        {
            case "it has ended": await store.RemoveAsync(XsPath.Home(Disp.Domid), Cancel); break;
            case "its domid is another one's": await store.WriteTextAsync(XsPath.Home(Disp.Domid) / "name", "work", Cancel); break;
            case "nothing was reported": File.Delete(folder["report"]); break;
            case "no restore of ours had begun": records.EndRestore(); break;
        }

        Assert.Null(await effects.FindUnrecordedAsync(Cancel));
    }

    /// <summary>What a restore command had started runs on until this is disposed of.</summary>
    private static IDisposable Outlives(string mark)
    {
        var process = Process.Start(new ProcessStartInfo("sleep", "600") { Environment = { ["QFX_RESTORE"] = mark } })!;
        return Disposable.Create(() =>
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        });
    }

    private DvmEffects Effects()
    {
        var host = new CommandDisposables(new() { Restore = folder["restore"], Savefile = folder["savefile"], Report = folder["report"], Destroy = $"{folder["destroy"]} destroy" });
        return new(store, host, new NoVmDatabase(), records, _ => "");
    }

    private async Task<DvmEffects> RestoredAsync()
    {
        await AppearsAsync();
        var effects = Effects();
        Assert.IsType<ExchangeEvent.Restored>(await effects.DoAsync(new ExchangeCommand.Restore(new(1), For, Ahead: false, null), Cancel));
        return effects;
    }

    /// <summary>A restore command of the contract, and the domain that it makes; and one that ends domains.</summary>
    private async Task AppearsAsync()
    {
        await store.WriteTextAsync(XsPath.Home(Disp.Domid) / "name", "disp3", Cancel);
        await store.WriteTextAsync(XsPath.Home(Disp.Domid) / "vm", $"/vm/{Uuid}", Cancel);
        await File.WriteAllTextAsync(folder["restore"], $"#!/bin/sh\nprintf '7\\ndisp3\\ndvm\\n' >{folder["report"]}\n", Cancel);
        await File.WriteAllTextAsync(folder["destroy"], $"#!/bin/sh\necho \"$@\" >>{folder["destroyed"]}\n", Cancel);
        foreach (var command in new[] { folder["restore"], folder["destroy"] }) File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
