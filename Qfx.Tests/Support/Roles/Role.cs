using System.Diagnostics;

namespace Qfx.Tests.Support.Roles;

/// <summary>What a test needs a process of its own for: one that can be killed, or that holds a lock by process.</summary>
internal static class Role
{
    /// <summary>Plays one, in the second process.</summary>
    public static async Task<int> PlayAsync(string role, string[] arguments) => role switch
    {
        "qubes-update" => await DyingUpdate.PlayAsync(arguments),
        "reply-as-nobody" => await ReplyAsNobody.PlayAsync(arguments),
        "record-lock" => PosixLock.Play(arguments),
        _ => throw new ArgumentException($"no role {role}"),
    };

    /// <summary>Starts it, in the test: with all three of its streams to be used.</summary>
    public static Process Start(string role, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--role", role, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }
}
