using Qfx.Tests.Support;

namespace Qfx.Tests.EndToEnd;

/// <summary><c>qfilexchgd demo</c>, the program itself.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Files_of_ones_own_travel_and_the_last_line_says_so()
    {
        Programs.Require("mcopy");
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["a b.txt"], "one", TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(folder["a b.txt"]);

        Assert.True(exit == 0, output);
        Assert.Equal("demo: 1 files, 3 bytes, work -> personal, identical", output.TrimEnd().Split('\n')[^1]);
        Assert.Contains("demo: open in disposable, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_no_yes_ends_it_with_an_error()
    {
        Programs.Require("mcopy");
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["a.txt"], "one", TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync("--ask", folder["a.txt"]);    // nothing to read: nobody says yes

        Assert.NotEqual(0, exit);
        Assert.DoesNotContain("identical", output, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Output)> RunAsync(params string[] arguments) =>
        Programs.RunAsync(Path.Combine(AppContext.BaseDirectory, "qfilexchgd"), ["demo", "--guest", Path.Combine(AppContext.BaseDirectory, "qfx-guest"), .. arguments]);
}
