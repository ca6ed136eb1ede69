using System.Diagnostics;
using System.Globalization;
using Qfx.Daemon.Processes;

namespace Qfx.Tests.Support;

/// <summary>An X server that nobody looks at, and a robot with a keyboard and a mouse. Without a window manager: the robot gives the focus.</summary>
internal sealed class VirtualScreen : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process server;

    private VirtualScreen(Process server, string display)
    {
        this.server = server;
        Display = display;
    }

    /// <summary>As DISPLAY has it.</summary>
    public string Display { get; }

    /// <summary>Starts one; skips the test where a program for it is missing.</summary>
    public static async Task<VirtualScreen> StartAsync(params string[] programs)
    {
        var missing = programs.Concat(["Xvfb", "xdotool"]).Where(program => ProcessRunner.Find(program) is null).ToArray();
        Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)}. ./qfx test installs them, as root on Debian.");
        var server = Process.Start(new ProcessStartInfo("Xvfb", ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        server.ErrorDataReceived += (_, _) => { };
        server.BeginErrorReadLine();
        using var limited = new CancellationTokenSource(Limit);
        var number = await server.StandardOutput.ReadLineAsync(limited.Token);
        return new(server, $":{number}");
    }

    /// <summary>The window with this title: waits until it is there.</summary>
    public async Task<int> WindowAsync(string title) => int.Parse(
        (await RobotAsync("search", "--sync", "--onlyvisible", "--name", $"^{title}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], CultureInfo.InvariantCulture);

    /// <summary>The program that a window belongs to.</summary>
    public async Task<int> ProcessOfAsync(int window) => int.Parse(await RobotAsync("getwindowpid", Text(window)), CultureInfo.InvariantCulture);

    /// <summary>Gives the focus to the window with this title, as soon as there is one that stays.</summary>
    public async Task FocusAsync(string title)
    {
        while ((await RunAsync("windowfocus", Text(await WindowAsync(title)))).Exit != 0)
        {
            // It went between the two: another one comes.
        }
    }

    /// <summary>Types into the window that has the focus.</summary>
    public Task TypeAsync(params string[] keys) => RobotAsync(["key", "--delay", "20", .. keys]);

    /// <summary>Clicks at a place of a window, if it is still there; one below zero is counted from its right, or its bottom.</summary>
    public async Task ClickAsync(int window, int x, int y)
    {
        var geometry = await RunAsync("getwindowgeometry", "--shell", Text(window));
        if (geometry.Exit != 0) return;
        var size = geometry.Output.Split('\n')
            .Select(line => line.Split('=')).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture));
        await RobotAsync(
            "mousemove", Text(size["X"] + (x < 0 ? size["WIDTH"] + x : x)), Text(size["Y"] + (y < 0 ? size["HEIGHT"] + y : y)), "click", "1");
    }

    /// <summary>Waits until no window has this title.</summary>
    public async Task GoneAsync(string title)
    {
        while ((await RunAsync("search", "--onlyvisible", "--name", $"^{title}")).Exit == 0)
        {
            // Each look is a round to the server.
        }
    }

    /// <summary>One question to the server and its answer.</summary>
    public Task RoundAsync() => RobotAsync("getmouselocation");

    /// <summary>Takes a picture of the whole screen for a person to look at, where QFX_PICTURES names a folder for them. Needs ImageMagick.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("QFX_PICTURES") is not { Length: > 0 } folder) return;
        await ProcessRunner.RunAsync(
            new("import", "-display", Display, "-window", "root", Path.Combine(folder, $"{name}.png")) { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" } },
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
    }

    private async Task<string> RobotAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.Exit == 0, $"xdotool {string.Join(' ', arguments)}: {result.Exit} {result.Error}");
        return result.Output;
    }

    private async Task<ProcessResult> RunAsync(params string[] arguments)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limited.CancelAfter(Limit);
        return await ProcessRunner.RunAsync(
            new("xdotool", arguments) { Environment = new Dictionary<string, string> { ["DISPLAY"] = Display, ["PATH"] = "/usr/bin:/bin" } }, limited.Token);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
