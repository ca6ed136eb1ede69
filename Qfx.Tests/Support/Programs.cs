using System.Diagnostics;

namespace Qfx.Tests.Support;

/// <summary>Programs of the system, run by tests.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Skips the test, saying why, where a program is missing.</summary>
    public static void Require(params string[] programs)
    {
        foreach (var program in programs.Where(program => Find(program) is null)) Assert.Skip($"{program} is not installed.");
    }

    /// <summary>Runs one, with nothing to read.</summary>
    /// <returns>Its exit code, and all that it printed.</returns>
    public static async Task<(int Exit, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Find(program) ?? program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await Task.WhenAll(process.WaitForExitAsync(), output, errors).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end, or left its output open.");
        }

        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Makes a shell script. Written by another process: a file that this one has open for writing while a third starts could not be run.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> ScriptAsync(string path, string body)
    {
        var (exit, output) = await RunAsync("sh", ["-c", "printf '#!/bin/sh\\n%s\\n' \"$2\" >\"$1\" && chmod 700 \"$1\"", "sh", path, body]);
        Assert.True(exit == 0, output);
        return path;
    }

    /// <summary>Also where only root's PATH leads, and first where Xen's own tools are: those on the PATH refuse to run without a Xen.</summary>
    private static string? Find(string program) => Directory.EnumerateDirectories("/usr/lib", "xen-*").Select(lib => Path.Combine(lib, "bin"))
        .Concat($"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries))
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
