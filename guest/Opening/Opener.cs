namespace Qfx.Guest.Opening;

/// <summary>Opens a file with the application that the person has for it, and waits until that is done with it.</summary>
/// <param name="session">Whose applications, and whose screen.</param>
/// <param name="other">A program that takes the file's path and opens it, in place of all this; null for none.</param>
/// <param name="scoped">In a systemd scope of its own; else its processes alone are waited for.</param>
/// <param name="say">Takes what the application prints.</param>
internal sealed class Opener(PersonSession session, string? other, bool scoped, Action<string> say)
{
    /// <summary>Opens it. The path is one word of an argument list: no shell sees it.</summary>
    /// <returns>False if there is no application for it.</returns>
    public async Task<bool> OpenAsync(string file, CancellationToken cancel)
    {
        if (other is not null) return await RunAsync([other, file], say, cancel).ConfigureAwait(false) is not null;
        var opening = false;
        var exit = await RunAsync(["mimeopen", "-n", "-M", file], Listen, cancel).ConfigureAwait(false);
        if (exit == 0 || opening) return true;
        return await new MimeDefault(session).CommandAsync(file, cancel).ConfigureAwait(false) is { } command
            && await RunAsync(command, say, cancel).ConfigureAwait(false) is not null;

        // mimeopen says so before it becomes the application; its exit code is that one's then.
        void Listen(string line)
        {
            opening |= line.StartsWith("Opening ", StringComparison.Ordinal);
            say(line);
        }
    }

    private async Task<int?> RunAsync(IReadOnlyList<string> command, Action<string> line, CancellationToken cancel)
    {
        if (!Exists(command[0])) return null;    // setpriv and systemd-run would be there
        if (!scoped) return await ProcessTree.RunAsync([.. session.Prefix, .. command], session.Environment, line, cancel).ConfigureAwait(false);
        var unit = "qfx-open-" + Guid.NewGuid().ToString("N");
        var exit = await ProcessTree.RunAsync([.. Scope.Words(unit), .. session.Prefix, .. command], session.Environment, line, cancel).ConfigureAwait(false);
        await Scope.EmptyAsync(unit, cancel).ConfigureAwait(false);
        return exit;
    }

    private bool Exists(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program)
        : (session.Variable("PATH") ?? "/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));
}
