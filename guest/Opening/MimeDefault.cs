using Qfx.Guest.Host;

namespace Qfx.Guest.Opening;

/// <summary>The program that a person's desktop opens a file with, by the kind of its contents.</summary>
/// <param name="session">Whose desktop.</param>
internal sealed class MimeDefault(PersonSession session)
{
    /// <summary>As an argument list; null where there is none.</summary>
    public async Task<IReadOnlyList<string>?> CommandAsync(string file, CancellationToken cancel)
    {
        if (await TypeAsync(file, cancel).ConfigureAwait(false) is not { } type) return null;
        if (await DefaultAsync(type, cancel).ConfigureAwait(false) is not { } id) return null;
        foreach (var folder in DataFolders())
        {
            // kde4-okular.desktop may be kde4/okular.desktop.
            foreach (var name in new[] { id, id.Replace('-', '/') })
            {
                var path = Path.Combine(folder, "applications", name);
                if (File.Exists(path)) return DesktopEntry.Command(await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false), file);
            }
        }

        return null;
    }

    /// <summary>xdg-mime is a shell script, so the file goes to gio, which is none.</summary>
    private async Task<string?> TypeAsync(string file, CancellationToken cancel)
    {
        const string Key = "standard::content-type:";
        var output = await TryRunAsync(["gio", "info", "-a", "standard::content-type", "--", file], cancel).ConfigureAwait(false);
        var line = output.Split('\n').FirstOrDefault(line => line.Trim().StartsWith(Key, StringComparison.Ordinal));
        if (line is null) line = await TryRunAsync(["mimetype", "--brief", "--", file], cancel).ConfigureAwait(false);
        var type = line.Replace(Key, "", StringComparison.Ordinal).Trim();
        return type.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && type.All(IsPlain) ? type : null;
    }

    private async Task<string?> DefaultAsync(string type, CancellationToken cancel)
    {
        var id = (await TryRunAsync(["xdg-mime", "query", "default", type], cancel).ConfigureAwait(false)).Split('\n')[0].Trim();
        if (id.Length == 0)
        {
            // Its first line ends with the name of the file.
            var line = (await TryRunAsync(["gio", "mime", type], cancel).ConfigureAwait(false)).Split('\n')[0];
            id = line[(line.LastIndexOf(' ') + 1)..];
        }

        return id.EndsWith(".desktop", StringComparison.Ordinal) && !id.Contains("..", StringComparison.Ordinal) && id.All(IsPlain) && !id.Contains('/', StringComparison.Ordinal) ? id : null;
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '+' or '-' or '_';

    private IEnumerable<string> DataFolders() =>
    [
        session.Variable("XDG_DATA_HOME") ?? Path.Combine(session.Variable("HOME") ?? "/", ".local/share"),
        .. (session.Variable("XDG_DATA_DIRS") ?? "/usr/local/share:/usr/share").Split(':', StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Nothing where the program is missing or fails.</summary>
    private async Task<string> TryRunAsync(string[] command, CancellationToken cancel)
    {
        try
        {
            string[] whole = [.. session.Prefix, .. command];
            var (exit, output) = await Tool.RunAsync(whole[0], whole[1..], cancel, session.Environment).ConfigureAwait(false);
            return exit == 0 ? output : "";
        }
        catch (GuestException)
        {
            return "";
        }
    }
}
