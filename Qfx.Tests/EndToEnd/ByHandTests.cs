using System.Diagnostics;
using Qfx.Tests.Support;

namespace Qfx.Tests.EndToEnd;

/// <summary><c>qfilexchgd up</c> and <c>qfilexchgd vm</c>, the programs themselves: what a newcomer does in two terminals.</summary>
public sealed class ByHandTests : IDisposable
{
    private const string Sender = "work";

    private readonly TempFolder folder = new();

    private static string Daemon => Path.Combine(AppContext.BaseDirectory, "qfilexchgd");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_sent_in_one_shell_and_allowed_at_the_terminal_is_found_in_the_other()
    {
        Programs.Require("mcopy", "env");
        using var up = Up();
        try
        {
            await LineAsync(up, "In two more terminals");
            Assert.Equal((0, ""), await VmAsync("personal", "true"));
            var sending = VmAsync("work", "sh", "-c", "echo hello >letter.txt; qvm-copy-to-vm personal letter.txt");
            await LineAsync(up, "Type yes or no");
            await up.StandardInput.WriteLineAsync("yes");
            var (exit, output) = await sending;

            Assert.True(exit == 0, output);
            Assert.Equal((0, "hello\n"), await VmAsync("personal", "cat", $"incoming/{Sender}/letter.txt"));
            Assert.Equal((3, "work\n"), await VmAsync("work", "sh", "-c", "basename $HOME; exit 3"));    // it is a shell like any other
        }
        finally
        {
            await EndAsync(up);
        }
    }

    [Fact]
    public async Task Two_in_one_folder_is_one_too_many()
    {
        using var up = Up();
        try
        {
            await LineAsync(up, "In two more terminals");
            var (exit, output) = await Programs.RunAsync(Daemon, ["up", "--root", folder["up"], "--guest", Path.Combine(AppContext.BaseDirectory, "qfx-guest")]);

            Assert.Equal(1, exit);
            Assert.Contains("take an empty folder with --root", output, StringComparison.Ordinal);
        }
        finally
        {
            await EndAsync(up);
        }
    }

    [Fact]
    public async Task Where_nothing_is_up_it_says_what_to_start()
    {
        var (exit, output) = await VmAsync("work", "true");

        Assert.Equal(1, exit);
        Assert.Contains("start ./qfx up in another terminal first", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Domain-0")]
    [InlineData("../up")]
    [InlineData("<b>")]
    public async Task What_is_no_name_is_said(string name)
    {
        var (exit, output) = await VmAsync(name, "true");

        Assert.Equal(2, exit);
        Assert.Contains("no name for a VM", output, StringComparison.Ordinal);
    }

    private Process Up() => Process.Start(
        new ProcessStartInfo(Daemon, ["up", "--root", folder["up"], "--guest", Path.Combine(AppContext.BaseDirectory, "qfx-guest")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    private Task<(int Exit, string Output)> VmAsync(string name, params string[] command) =>
        Programs.RunAsync(Daemon, ["vm", "--root", folder["up"], name, "--", .. command]);

    private static async Task LineAsync(Process up, string words)
    {
        while (await up.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            if (line.Contains(words, StringComparison.Ordinal)) return;
        }

        Assert.Fail($"it ended before it said: {words}");
    }

    /// <summary>As Ctrl-C does.</summary>
    private static async Task EndAsync(Process up)
    {
        await Programs.RunAsync("kill", ["-INT", $"{up.Id}"]);
        await up.StandardOutput.ReadToEndAsync(Cancel);
        await up.WaitForExitAsync(Cancel);
        Assert.Equal(0, up.ExitCode);
    }
}
