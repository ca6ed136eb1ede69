using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Policy;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Policy;

/// <summary>A real folder, changed while it is watched.</summary>
public sealed class PolicyFolderTests : IDisposable
{
    private const string Good = "qfx.Copy * @anyvm @anyvm ask\n";

    private readonly TempFolder folder = new();
    private readonly Channel<Qfx.Streams.Policy.Policy> policies = Channel.CreateUnbounded<Qfx.Streams.Policy.Policy>();
    private readonly LogLines log = new();
    private IDisposable? following;

    private string Files => folder["policy"];

    public void Dispose()
    {
        following?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_change_is_taken_over_and_a_broken_file_keeps_the_last_good_one_and_shouts_until_it_is_mended()
    {
        Directory.CreateDirectory(Files);
        Write("a.policy", Good);
        Follow();
        Assert.Single((await NextAsync()).Rules);

        Write("a.policy", Good + Good);
        Assert.Equal(2, (await NextAsync()).Rules.Length);

        Write("b.policy", "qfx.Copy * work personal refuse\n");
        await log.Until(LogLevel.Error, "stay in force");
        Assert.Contains(log.Lines, line => line.Contains("b.policy:1: \"refuse\" is no action", StringComparison.Ordinal));
        Assert.False(policies.Reader.TryRead(out _));

        Write("b.policy", "qfx.Copy * work personal allow\n");
        Assert.Equal(3, (await NextAsync()).Rules.Length);

        File.Delete(Path.Combine(Files, "a.policy"));
        Assert.Single((await NextAsync()).Rules);
    }

    [Fact]
    public async Task Without_a_folder_everything_is_denied_until_there_is_one()
    {
        Follow();
        Assert.Contains("there is no such folder", (await NextAsync()).Missing, StringComparison.Ordinal);
        Assert.Contains(log.Lines, line => line.Contains("everything is denied", StringComparison.Ordinal));

        Directory.CreateDirectory(Files);
        Write("a.policy", Good);
        Qfx.Streams.Policy.Policy policy;
        do policy = await NextAsync();
        while (policy.Missing is not null);
        Assert.Single(policy.Rules);
    }

    [Fact]
    public void An_empty_folder_a_broken_file_and_one_that_everybody_may_write_are_no_policy()
    {
        Directory.CreateDirectory(Files);
        Write("README", Good);
        Assert.Contains("there is no file", PolicyFolder.Read(Files).Problems.Single().What, StringComparison.Ordinal);

        Write("a.policy", "?");
        Assert.Equal("a.policy:1", PolicyFolder.Read(Files).Problems.Single().Place);

        Write("a.policy", Good);
        File.SetUnixFileMode(Path.Combine(Files, "a.policy"), UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        Assert.Contains("everybody may write it", PolicyFolder.Read(Files).Problems.Single().What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_policy_asks_for_copies_allows_disposable_VMs_denies_dom0_and_lint_finds_nothing()
    {
        DefaultPolicy.WriteTo(Files);
        var (policy, problems) = PolicyFolder.Read(Files);

        Assert.Empty(problems);
        Assert.Empty(Qfx.Streams.Policy.PolicyLint.Check(policy!));
    }

    /// <summary>Whole at once, as editors do it: a slow machine must not read half of it.</summary>
    private void Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Files, ".new"), text);
        File.Move(Path.Combine(Files, ".new"), Path.Combine(Files, name), overwrite: true);
    }

    private void Follow() => following = PolicyFolder.Follow(Files, log, TaskPoolScheduler.Default).Subscribe(policy => policies.Writer.TryWrite(policy));

    private async Task<Qfx.Streams.Policy.Policy> NextAsync() =>
        await policies.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
}
