using System.Collections;
using System.Globalization;
using Qfx.Guest.Host;

namespace Qfx.Guest.Opening;

/// <summary>How a program is run as the person who works in this VM, on their screen.</summary>
/// <param name="Prefix">Words before the command: what gives up root's rights. None where we are the person.</param>
/// <param name="Environment">All that the program is told.</param>
internal sealed record PersonSession(IReadOnlyList<string> Prefix, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Null person: we are the person, and what we were told, the program is.</summary>
    public static PersonSession Of(GuestUser? person)
    {
        var own = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(each => (string)each.Key, each => (string?)each.Value ?? "", StringComparer.Ordinal);
        if (person is null || Libc.EffectiveUser() != 0) return new([], own);
        var runtime = string.Create(CultureInfo.InvariantCulture, $"/run/user/{person.Id}");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = person.Home,
            ["USER"] = person.Name,
            ["LOGNAME"] = person.Name,
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
            ["LANG"] = own.GetValueOrDefault("LANG", "C.UTF-8"),
            ["LC_ALL"] = "",
            ["DISPLAY"] = own.GetValueOrDefault("DISPLAY", ":0"),
        };
        if (Directory.Exists(runtime)) environment["XDG_RUNTIME_DIR"] = runtime;
        if (File.Exists($"{runtime}/bus")) environment["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={runtime}/bus";
        if (File.Exists($"{runtime}/wayland-0")) environment["WAYLAND_DISPLAY"] = "wayland-0";
        return new(As(person), environment);
    }

    /// <summary>setpriv(1): the person's user and groups.</summary>
    public static string[] As(GuestUser person) =>
    [
        "setpriv", "--reuid", person.Id.ToString(CultureInfo.InvariantCulture), "--regid", person.Group.ToString(CultureInfo.InvariantCulture), "--init-groups",
        "--inh-caps=-all", "--",
    ];

    public string? Variable(string name) => Environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
