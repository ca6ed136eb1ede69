using System.Globalization;
using System.Text.RegularExpressions;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>What programs of a session have in their environment that lets a window appear there.</summary>
internal static partial class SessionEnvironment
{
    private const int MaxFile = 128 * 1024;

    private static readonly string[] Wanted =
    [
        "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL",
        "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_DATA_DIRS", "KDE_FULL_SESSION", "DESKTOP_SESSION",
    ];

    /// <summary>Looks at the processes of the session, then at those of the person's own service manager.</summary>
    /// <param name="proc">/proc.</param>
    /// <param name="session">The session's name.</param>
    /// <param name="uid">Whose processes count.</param>
    /// <returns>Null where none has a display.</returns>
    public static IReadOnlyDictionary<string, string>? Find(string proc, string session, uint uid)
    {
        string[] scopes = [$"/session-{session}.scope", string.Create(CultureInfo.InvariantCulture, $"/user@{uid}.service")];
        var best = (Rank: 0, Environment: (Dictionary<string, string>?)null);
        foreach (var process in Directory.EnumerateDirectories(proc).Where(path => Path.GetFileName(path).All(char.IsAsciiDigit)))
        {
            var cgroup = Read(Path.Combine(process, "cgroup"));
            var scope = Array.FindIndex(scopes, scope => cgroup.Contains(scope, StringComparison.Ordinal));
            if (scope < 0 || !Belongs(Read(Path.Combine(process, "status")), uid)) continue;
            var environment = Parse(Read(Path.Combine(process, "environ")));
            var rank = Rank(environment) * 2 - scope;
            if (rank > best.Rank) best = (rank, environment);
        }

        return best.Environment;
    }

    internal static Dictionary<string, string> Parse(string environ)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };
        foreach (var entry in environ.Split('\0'))
        {
            if (entry.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals)) continue;
            var (name, value) = (entry[..equals], entry[(equals + 1)..]);
            if (Wanted.Contains(name) && value.Length is > 0 and < 4096) values.TryAdd(name, value);
        }

        if (values.TryGetValue("DISPLAY", out var display) && !LocalDisplay().IsMatch(display)) values.Remove("DISPLAY");
        if (values.TryGetValue("XAUTHORITY", out var file) && !Path.IsPathFullyQualified(file)) values.Remove("XAUTHORITY");
        if (!values.ContainsKey("XAUTHORITY") && values.TryGetValue("HOME", out var home) && File.Exists(Path.Combine(home, ".Xauthority")))
            values["XAUTHORITY"] = Path.Combine(home, ".Xauthority");
        return values;
    }

    /// <summary>0: no window can appear.</summary>
    private static int Rank(Dictionary<string, string> environment) =>
        (environment.ContainsKey("DISPLAY") ? 4 : 0)
        + (environment.ContainsKey("WAYLAND_DISPLAY") ? 2 : 0) is > 0 and var rank
            ? rank + (environment.ContainsKey("XAUTHORITY") ? 2 : 0) + (environment.ContainsKey("DBUS_SESSION_BUS_ADDRESS") ? 1 : 0)
            : 0;

    private static bool Belongs(string status, uint uid) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal)) is { } line
        && line.Split('\t') is [_, var real, ..] && real == uid.ToString(CultureInfo.InvariantCulture);

    private static string Read(string path)
    {
        try
        {
            using var file = File.OpenText(path);
            var buffer = new char[MaxFile];
            return new string(buffer, 0, file.ReadBlock(buffer));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";    // the process has ended
        }
    }

    [GeneratedRegex(@"^:[0-9]{1,5}(\.[0-9]{1,3})?$")]
    private static partial Regex LocalDisplay();
}
