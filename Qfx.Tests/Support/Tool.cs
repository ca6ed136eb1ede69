using System.Diagnostics;

namespace Qfx.Tests.Support;

/// <summary>A program of the system that a test asks for its opinion.</summary>
internal static class Tool
{
    /// <summary>Skips the test, saying why, where the program is missing.</summary>
    public static void Need(string program, string package) =>
        Assert.SkipUnless(Find(program) is not null, $"{program} is missing: install {package}.");

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code, and what it wrote to both outputs.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Find(program) ?? program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Also where only root's PATH leads.</summary>
    private static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
