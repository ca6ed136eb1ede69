using Qfx.Daemon.Policy;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Cli;

/// <summary><c>qfilexchgd policy</c> as a process.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private static readonly string Daemon = Path.Combine(AppContext.BaseDirectory, "qfilexchgd");

    private readonly TempFolder folder = new();

    public PolicyCommandTests()
    {
        DefaultPolicy.WriteTo(folder.Path);
        File.WriteAllText(folder["30-user.policy"], "qfx.Copy * work personal allow\nqfx.Copy * @tag:secret @anyvm deny\n");
        File.WriteAllText(folder["conf"], $"[policy]\nfolder = {folder.Path}\n[tags]\nvault = secret\n");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("work personal", 0, "work -> personal: allow: 30-user.policy:1 says allow")]
    [InlineData("personal work", 1, "personal -> work: ask: 90-default.policy:")]
    [InlineData("vault work", 2, "vault -> work: deny: 30-user.policy:2 says deny")]
    [InlineData("work dom0", 2, "work -> dom0: deny: 90-default.policy:")]
    [InlineData("work @dispvm", 0, "qfx.OpenInDvm work -> @dispvm: allow")]
    [InlineData("work @default", 1, "work -> @default: ask: 90-default.policy:")]
    [InlineData("work <b>", 64, "SOURCE is a VM's name")]
    public async Task Check_says_which_line_decides_and_its_exit_code_does_too(string words, int exit, string line)
    {
        var (code, output) = await Programs.RunAsync(Daemon, ["policy", "check", .. words.Split(' '), "-c", folder["conf"], .. Service(words)]);

        Assert.Contains(line, output, StringComparison.Ordinal);
        Assert.Equal(exit, code);
    }

    [Fact]
    public async Task Lint_names_lines_that_are_never_reached()
    {
        Assert.Equal(0, (await Programs.RunAsync(Daemon, ["policy", "lint", "--folder", folder.Path])).Exit);
        await File.AppendAllTextAsync(folder["90-default.policy"], "qfx.Copy * work personal deny\n", TestContext.Current.CancellationToken);

        var (exit, output) = await Programs.RunAsync(Daemon, ["policy", "lint", "--folder", folder.Path]);

        Assert.Equal(1, exit);
        Assert.Contains("never reached: 30-user.policy:1 decides before it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_tell_what_is_wrong_in_a_file_and_end_with_78()
    {
        await File.WriteAllTextAsync(folder["10.policy"], "allow everything\n", TestContext.Current.CancellationToken);

        var (exit, output) = await Programs.RunAsync(Daemon, ["policy", "check", "a", "b", "--folder", folder.Path]);

        Assert.Equal(78, exit);
        Assert.Contains("10.policy:1: a line has", output, StringComparison.Ordinal);
    }

    private static string[] Service(string words) => words.Contains('@', StringComparison.Ordinal) || words.Contains('<', StringComparison.Ordinal) ? [] : ["--service", "qfx.Copy"];
}
