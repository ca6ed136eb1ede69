using System.Text;
using CsCheck;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Roles;

namespace Qfx.Tests.Daemon.Qubes;

/// <summary>A change of the list that ends at any point: killed, torn, or out of space.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly VmName Saved = VmName.Parse("saved");

    private readonly TempFolder folder = new();

    private string Path => folder["qubes.xml"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_before_any_system_call_the_file_is_the_old_or_the_new_list_and_the_next_one_to_open_it_gets_it_whole() =>
        await Changes().SampleAsync(async change =>
        {
            for (var step = 1; ; step++)
            {
                Write(change.Before);
                var over = await IsOverAsync(new() { Before = step }, change);

                // Whoever reads it at once, without knowing of a journal, finds a list: blanks at its end are none of its business.
                var left = Encoding.UTF8.GetString(File.ReadAllBytes(Path)).TrimEnd('\n');
                Assert.Contains(left, new[] { change.Before, change.After }.Select(text => Encoding.UTF8.GetString(text).TrimEnd('\n')));
                if (over) break;
                await AssertWholeAsync(change);
            }
        }, iter: 30, threads: 1);

    [Fact]
    public async Task Killed_in_the_middle_of_any_write_the_next_one_to_open_it_gets_it_whole() =>
        await Gen.Select(Changes(), Gen.Int[1, 3000]).SampleAsync(async (change, torn) =>
        {
            for (var step = 1; ; step++)
            {
                Write(change.Before);
                if (await IsOverAsync(new() { Before = step, Torn = torn }, change)) break;
                await AssertWholeAsync(change);
            }
        }, iter: 100, threads: 1);

    [Fact]
    public async Task A_power_cut_that_left_zeros_for_what_was_not_written_is_repaired() =>
        await Gen.Select(RandomLists.Text, Gen.Double[0, 1]).SampleAsync(async (before, part) =>
        {
            var change = Added(before);
            var from = before.AsSpan().CommonPrefixLength(change.After);
            Write(before);
            Assert.False(await IsOverAsync(new() { Before = 7 }, change));    // the journal is there, the list untouched
            var zeros = from + (int)((before.Length - from) * part);
            byte[] torn = [.. before.AsSpan(0, zeros), .. change.After.AsSpan(zeros, (before.Length - zeros) / 2)];
            Write([.. torn, .. before.AsSpan(torn.Length), .. new byte[change.After.Length - before.Length]]);
            Assert.Equal(change.After, await ReadAsync());
        }, iter: 50, threads: 1);

    [Fact]
    public async Task A_list_that_somebody_else_wrote_after_the_crash_stays()
    {
        var change = Added(List(1));
        for (var step = 1; ; step++)
        {
            Write(change.Before);
            if (await IsOverAsync(new() { Before = step }, change)) break;
            var others = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(change.Before).Replace("green", "black", StringComparison.Ordinal));
            Write(others);
            Assert.Equal(others, await ReadAsync());
            Assert.Single(Directory.GetFiles(folder.Path));
        }
    }

    [Fact]
    public async Task A_file_that_is_no_list_is_left_as_it_is_with_the_journal()
    {
        var change = Added(List(1));
        Write(change.Before);
        Assert.False(await IsOverAsync(new() { Before = 7 }, change));
        Write([]);
        await Assert.ThrowsAsync<VmDatabaseException>(() => new QubesDatabase(Path).LabelOfAsync(Saved, default));
        Assert.Equal([], File.ReadAllBytes(Path));
        Assert.Equal(change.Before, UpdateJournal.Decode(File.ReadAllBytes(Path + ".qfx-journal"))!.Before);
    }

    [Fact]
    public async Task An_error_of_any_system_call_leaves_the_list_as_it_was_and_is_told() =>
        await Gen.Select(Changes(), Gen.Int[0, 300]).SampleAsync(async (change, torn) =>
        {
            for (var step = 1; ; step++)
            {
                Write(change.Before);
                var calls = new FaultyCalls { Before = step, Once = true, Torn = torn, Then = call => new IOException($"no space for {call}") };
                try
                {
                    await DoAsync(calls, change);
                }
                catch (VmDatabaseException e)
                {
                    Assert.Contains("no space for", e.Message, StringComparison.Ordinal);
                    Assert.Equal(change.Before, await ReadAsync());
                    continue;
                }

                Assert.Equal(change.After, await ReadAsync());
                if (calls.Count <= step) break;
            }
        }, iter: 20, threads: 1);

    [Fact]
    public async Task Every_kind_of_call_is_one_that_it_can_be_killed_before()
    {
        var calls = new FaultyCalls();
        Write(List(1));
        await new QubesDatabase(Path, calls: calls).AddDisposableAsync(VmName.Parse("disp9"), Saved, VmLabel.Red, default);
        Assert.Equal("open open write sync open sync reserve write sync remove open sync", string.Join(' ', calls.Names));
        calls.Names.Clear();
        await new QubesDatabase(Path, calls: calls).RemoveDisposableAsync(VmName.Parse("disp9"), default);
        Assert.Equal("open open write sync open sync reserve write truncate sync remove open sync", string.Join(' ', calls.Names));
    }

    [Theory]
    [InlineData("add", 12)]
    [InlineData("remove", 13)]
    public async Task A_process_that_SIGKILL_ends_before_any_system_call_leaves_a_list_that_is_whole(string what, int calls)
    {
        var before = List(1000);
        var change = what == "add" ? Added(before) : new Change(before, QubesVmList.Parse(before).Without("disp1")!, "disp1", Add: false);
        var died = 0;
        for (var step = 0; ; step++)
        {
            Write(before);
            using var process = Role.Start("qubes-update", Path, $"{step}", what);
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode is 0 or 137, errors);
            Assert.Contains(Encoding.UTF8.GetString(File.ReadAllBytes(Path)).TrimEnd('\n'), new[] { change.Before, change.After }.Select(Encoding.UTF8.GetString));
            Assert.Contains(await ReadAsync(), new[] { change.Before, change.After });
            Assert.Single(Directory.GetFiles(folder.Path));
            if (process.ExitCode == 0) break;
            died++;
        }

        Assert.Equal(calls, died);
        Assert.Equal(change.After, await ReadAsync());
    }

    private sealed record Change(byte[] Before, byte[] After, string Name, bool Add);

    private static Gen<Change> Changes() => Gen.Select(RandomLists.Text, Gen.Bool).Select((text, add) =>
        add ? Added(text) : new Change(Added(text).After, text, "disp9", Add: false));

    private static Change Added(byte[] before) => new(before, QubesVmList.Parse(before).With("disp9", "saved", "red"), "disp9", Add: true);

    /// <summary>Many disposable VMs, and the VM and template that a new one needs.</summary>
    private static byte[] List(int disposables)
    {
        var text = new StringBuilder("<QubesVmCollection><QubesTemplateVm qid=\"1\" name=\"t\" /><QubesAppVm qid=\"2\" name=\"saved\" template_qid=\"1\" label=\"green\" />");
        for (var i = 0; i < disposables; i++) text.Append($"<QubesDisposableVm qid=\"{i + 10}\" name=\"disp{(i == 0 ? 1 : i + 1000)}\" template_qid=\"1\" label=\"red\" />");
        return Encoding.UTF8.GetBytes(text.Append("</QubesVmCollection>").ToString());
    }

    private void Write(byte[] text)
    {
        File.WriteAllBytes(Path, text);
    }

    private async Task DoAsync(FaultyCalls calls, Change change)
    {
        var database = new QubesDatabase(Path, calls: calls);
        if (change.Add) await database.AddDisposableAsync(VmName.Parse(change.Name), Saved, VmLabel.Red, default);
        else await database.RemoveDisposableAsync(VmName.Parse(change.Name), default);
    }

    /// <summary>False when it died on the way.</summary>
    private async Task<bool> IsOverAsync(FaultyCalls calls, Change change)
    {
        try
        {
            await DoAsync(calls, change);
            return true;
        }
        catch (FaultyCalls.Died)
        {
            return false;
        }
    }

    private async Task AssertWholeAsync(Change change)
    {
        Assert.Contains(await ReadAsync(), new[] { change.Before, change.After });
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private async Task<byte[]> ReadAsync()
    {
        using var file = await DatabaseFile.OpenAsync(new DatabaseLibc(), Path, null, default);
        return file.Read();
    }
}
