using System.Diagnostics;
using Qfx.Daemon.Control;
using Qfx.Tests.Marbles;
using Qfx.Tests.Support;
using Serilog.Events;

namespace Qfx.Tests.Daemon.Ask;

/// <summary>The commands that ask, as processes, against a daemon's socket.</summary>
public sealed class AskCommandsTests : IAsyncDisposable
{
    private static readonly string Daemon = Path.Combine(AppContext.BaseDirectory, "qfilexchgd");

    private readonly TempFolder folder = new();
    private readonly ControlCentre centre = new(TimeProvider.System, new(LogEventLevel.Information));

    public AskCommandsTests()
    {
        centre.Listen(folder["run/control"]);
        using var played = Scenario.Run("""
            work     : n----s-----
            third    : n----t-----
            personal : -----------
            person   : ---------y-
            """);
        foreach (var step in played.Steps) centre.OnNext(step);
    }

    public async ValueTask DisposeAsync()
    {
        await centre.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("status", "domains    3\n")]
    [InlineData("domains", "DOMID  NAME      REQUESTS  XVDG  XVDH\n1      work ")]
    [InlineData("pendrives", "ID  SENDER  RECEIVER  STAGE")]
    [InlineData("questions", "ID  FROM")]
    [InlineData("dvms", "ID  NAME  DOMID  FOR  STAGE\n")]
    [InlineData("history", "allowed")]
    public async Task A_table_for_people_fits_eighty_columns(string command, string part)
    {
        var (exit, output) = await AskAsync(command);

        Assert.Equal(0, exit);
        Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("domains")]
    [InlineData("pendrives")]
    [InlineData("questions")]
    [InlineData("dvms")]
    [InlineData("history")]
    public async Task For_programs_there_is_json(string command)
    {
        var (exit, output) = await AskAsync(command, "--json");

        Assert.Equal(0, exit);
        using var json = System.Text.Json.JsonDocument.Parse(output);
    }

    [Fact]
    public async Task An_order_says_what_it_does_and_one_that_does_not_fit_fails()
    {
        Assert.Equal((1, "qfilexchgd: there is no such pendrive or question\n"), await AskAsync("cancel", "p77"));
        Assert.Equal(1, (await AskAsync("detach", "p2")).Exit);
        Assert.Equal((0, "p2 is cancelled\n"), await AskAsync("cancel", "p2"));
        Assert.Equal(0, (await AskAsync("reload")).Exit);
        Assert.Equal((0, "the log has what is debug or worse\n"), await AskAsync("loglevel", "debug"));
    }

    [Theory]
    [InlineData("cancel", "p77")]
    [InlineData("detach", "p2")]
    [InlineData("reload")]
    [InlineData("loglevel", "debug")]
    public async Task An_order_for_programs_is_answered_in_json(params string[] command)
    {
        var (_, output) = await AskAsync([.. command, "--json"]);

        using var json = System.Text.Json.JsonDocument.Parse(output);
        Assert.NotEmpty(json.RootElement.GetProperty("text").GetString()!);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("loglevel", "loud")]
    [InlineData("nonsense")]
    public async Task Words_that_cannot_be_understood_end_with_64(params string[] command) =>
        Assert.Equal(64, (await Programs.RunAsync(Daemon, command)).Exit);

    [Theory]
    [InlineData("[control]\nsocket = rel\n[nonsense]\nx = 1\n", "nonsense x is no setting")]
    [InlineData(null, "cannot be read")]
    public async Task A_configuration_with_a_fault_is_no_way_to_a_daemon(string? text, string words)
    {
        if (text is not null) await File.WriteAllTextAsync(folder["conf"], text, TestContext.Current.CancellationToken);

        var (exit, output) = await Programs.RunAsync(Daemon, ["cancel", "p1", "--config", folder["conf"]]);

        Assert.Equal(78, exit);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_is_no_sockets_path_is_told_as_that(string path)
    {
        var (exit, output) = await Programs.RunAsync(Daemon, ["status", "--socket", path]);

        Assert.Equal(64, exit);
        Assert.Contains("no socket's path", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ends_when_its_reader_has_gone_though_nothing_happens()
    {
        using var watching = Process.Start(new ProcessStartInfo("sh", ["-c", $"'{Daemon}' watch --json --socket '{folder["run/control"]}' | head -n 1"])
        {
            RedirectStandardOutput = true,
        })!;

        var first = await watching.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await watching.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(ScriptedPeer.Patience, TestContext.Current.CancellationToken);

        using var json = System.Text.Json.JsonDocument.Parse(first!);
    }

    [Fact]
    public async Task Where_no_daemon_runs_it_says_so_and_ends_with_69()
    {
        var (exit, output) = await Programs.RunAsync(Daemon, ["status", "--socket", folder["none"]]);

        Assert.Equal(69, exit);
        Assert.Equal($"qfilexchgd: no daemon listens on {folder["none"]}: systemctl start qfilexchgd; qfilexchgd doctor says what it lacks\n", output);
    }

    [Fact]
    public async Task Into_a_pipe_watch_writes_events_a_line_each_until_the_daemon_ends()
    {
        using var watching = Process.Start(new ProcessStartInfo(Daemon, ["watch", "--socket", folder["run/control"]])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var first = await watching.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await centre.DisposeAsync();
        var rest = await watching.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await watching.WaitForExitAsync(TestContext.Current.CancellationToken);

        var output = $"{first}\n{rest}";
        Assert.Equal(0, watching.ExitCode);
        Assert.Contains("work: NEW\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Output)> AskAsync(params string[] words) => Programs.RunAsync(Daemon, [.. words, "--socket", folder["run/control"]]);
}
