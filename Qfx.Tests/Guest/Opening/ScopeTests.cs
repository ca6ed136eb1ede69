using System.Diagnostics;
using Qfx.Guest.Opening;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Opening;

/// <summary>A control group as systemd makes one for a scope, without systemd.</summary>
public sealed class ScopeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_over_when_the_last_process_has_left_not_when_the_first_one_has()
    {
        await using var groups = await ControlGroups.MountAsync();
        var group = groups.Create("qfx-test");
        using var first = Sleeper(group);
        using var second = Sleeper(group);
        var empty = Scope.EmptyGroupAsync(group, Cancel);

        first.Kill();
        await first.WaitForExitAsync(Cancel);
        Assert.False(empty.IsCompleted);
        Assert.Contains("populated 1", await File.ReadAllTextAsync($"{group}/cgroup.events", Cancel), StringComparison.Ordinal);
        second.Kill();
        await second.WaitForExitAsync(Cancel);
        await empty.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task One_that_is_gone_is_over_and_a_wait_is_broken_off_by_its_token()
    {
        await Scope.EmptyGroupAsync("/nowhere", Cancel);
        await using var groups = await ControlGroups.MountAsync();
        var group = groups.Create("qfx-test");
        using var process = Sleeper(group);
        using var stop = new CancellationTokenSource();
        var empty = Scope.EmptyGroupAsync(group, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => empty);
        process.Kill();
        await process.WaitForExitAsync(Cancel);
    }

    [Fact]
    public void The_command_is_one_word_after_another_behind_a_double_dash()
    {
        var words = Scope.Words("qfx-open-1");
        Assert.Equal("systemd-run", words[0]);
        Assert.Contains("--scope", words);
        Assert.Contains("--unit=qfx-open-1", words);
        Assert.Equal("--", words[^1]);
    }

    private static Process Sleeper(string group)
    {
        var process = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        File.WriteAllText($"{group}/cgroup.procs", $"{process.Id}");
        return process;
    }

    /// <summary>The hierarchy of control groups v2, mounted for a test.</summary>
    private sealed class ControlGroups : IAsyncDisposable
    {
        private readonly TempFolder folder = new();
        private readonly List<string> made = [];

        public static async Task<ControlGroups> MountAsync()
        {
            var groups = new ControlGroups();
            Directory.CreateDirectory(groups.folder["cgroup"]);
            var (exit, output) = await Programs.RunAsync("mount", ["-t", "cgroup2", "none", groups.folder["cgroup"]]);
            if (exit == 0) return groups;
            groups.folder.Dispose();
            Assert.Skip($"control groups v2 cannot be mounted here: {output.Trim()}");
            return groups;
        }

        public string Create(string name)
        {
            made.Add(folder[$"cgroup/{name}-{Environment.ProcessId}-{made.Count}-{Guid.NewGuid():n}"]);
            Directory.CreateDirectory(made[^1]);
            return made[^1];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var group in made) await Programs.RunAsync("rmdir", [group]);
            await Programs.RunAsync("umount", ["-l", folder["cgroup"]]);
            folder.Dispose();
        }
    }
}
