using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Daemon.Processes;

namespace Qfx.Tests.Daemon.Processes;

public class ProcessRunnerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_program_says_and_how_it_ends_is_known()
    {
        var result = await ProcessRunner.RunAsync(new("sh", "-c", "echo said; echo wrong >&2; exit 7"), Cancel);

        Assert.Equal(new ProcessResult(7, "said\n", "wrong\n"), result);
    }

    [Fact]
    public async Task What_it_leaves_running_with_its_output_open_is_not_waited_for()
    {
        var result = await ProcessRunner.RunAsync(new("sh", "-c", "echo said; sleep 1000 & echo $!"), Cancel);

        var lines = result.Output.Split('\n');
        Assert.Equal((0, "said"), (result.Exit, lines[0]));
        System.Diagnostics.Process.GetProcessById(int.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture)).Kill();    // it still runs
    }

    [Fact]
    public async Task More_than_is_kept_blocks_nothing()
    {
        var result = await ProcessRunner.RunAsync(new("sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x"), Cancel);

        Assert.Equal((0, ProcessRunner.MaxOutput), (result.Exit, result.Output.Length));
    }

    [Fact]
    public async Task Called_off_it_is_killed_with_what_it_started()
    {
        using var off = new CancellationTokenSource();
        var running = ProcessRunner.RunAsync(new("sh", "-c", "sleep 1000; true"), _ => off.Cancel(), off.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Run_as_somebody_else_it_is_that_one_and_knows_nothing_but_what_it_is_told()
    {
        Assert.SkipUnless(Identity.Own == 0, "Only root may run a program as somebody else.");
        var call = new ProgramCall("/bin/sh", "-c", "id -un; id -Gn; env | grep -v '^PWD=\\|^SHLVL=\\|^_='") { User = "nobody", Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" } };

        Assert.Equal(new ProcessResult(0, "nobody\nnogroup\nPATH=/usr/bin:/bin\n", ""), await ProcessRunner.RunAsync(call, Cancel));
    }

    [Fact]
    public Task One_that_is_not_there_is_said() => Assert.ThrowsAsync<IOException>(() => ProcessRunner.RunAsync(new("/nonexistent/program"), Cancel));
}
