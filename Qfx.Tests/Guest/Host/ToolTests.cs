using System.Diagnostics;
using System.Globalization;
using Qfx.Guest;
using Qfx.Guest.Host;

namespace Qfx.Tests.Guest.Host;

public class ToolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_program_prints_on_both_streams_and_how_it_ends_is_known() =>
        Assert.Equal(new ToolResult(7, "said\n", "wrong\n"), await Tool.RunAsync("sh", ["-c", "echo said; echo wrong >&2; exit 7"], Cancel));

    [Theory]
    [InlineData("sleep 1000 & echo $!")]
    [InlineData("sleep 1000 >/dev/null & echo $!")]    // as kdialog's progress bar: only its errors are held
    public async Task What_it_leaves_running_with_its_output_open_is_not_waited_for(string script)
    {
        var (exit, output) = await Tool.RunAsync("sh", ["-c", script], Cancel);

        Assert.Equal(0, exit);
        Process.GetProcessById(int.Parse(output, CultureInfo.InvariantCulture)).Kill();    // it still runs
    }

    [Fact]
    public async Task Called_off_it_is_killed()
    {
        using var off = new CancellationTokenSource();
        var running = Tool.RunAsync("sleep", ["1000"], off.Token);
        await off.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task It_sees_nothing_of_our_environment() =>
        Assert.Equal(new ToolResult(0, "LC_ALL=C.UTF-8\nMTOOLS_SKIP_CHECK=1\nONE=1\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\n", ""),
            await Tool.RunAsync("sh", ["-c", "env | grep -v '^_=\\|^SHLVL=\\|^OLDPWD=' | sort"], Cancel, new Dictionary<string, string> { ["ONE"] = "1" }));

    [Fact]
    public async Task One_that_is_not_there_is_named() =>
        Assert.Contains("no-such-program", (await Assert.ThrowsAsync<GuestException>(() => Tool.RunAsync("no-such-program", [], Cancel))).Message, StringComparison.Ordinal);
}
