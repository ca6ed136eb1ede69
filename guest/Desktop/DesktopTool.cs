namespace Qfx.Guest.Desktop;

/// <summary>The desktop of whoever started us, if there is one: which program can show a window, and what it needs to know.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Environment">What leads it to the screen and to the person's settings.</param>
internal sealed record DesktopTool(DesktopKind Kind, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly string[] Variables =
    [
        "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_DATA_DIRS", "XDG_CONFIG_HOME",
        "DBUS_SESSION_BUS_ADDRESS", "HOME", "LANG", "LANGUAGE", "LC_MESSAGES",
    ];

    public string Program => Kind == DesktopKind.Zenity ? "zenity" : "kdialog";

    /// <summary>Null without a display, or where neither program is installed. On KDE, KDE's comes first.</summary>
    public static DesktopTool? Find(Func<string, string?> variable, Func<string, bool> isThere)
    {
        if (string.IsNullOrEmpty(variable("DISPLAY")) && string.IsNullOrEmpty(variable("WAYLAND_DISPLAY"))) return null;
        DesktopKind[] order = variable("XDG_CURRENT_DESKTOP")?.Contains("KDE", StringComparison.OrdinalIgnoreCase) == true
            ? [DesktopKind.KDialog, DesktopKind.Zenity]
            : [DesktopKind.Zenity, DesktopKind.KDialog];
        var environment = Variables.Select(name => (Name: name, Value: variable(name))).Where(each => each.Value is not null)
            .Append((Name: "LC_ALL", Value: variable("LC_ALL") ?? ""))    // Tool's own would win over LANG
            .ToDictionary(each => each.Name, each => each.Value!, StringComparer.Ordinal);
        return order.Select(kind => new DesktopTool(kind, environment)).FirstOrDefault(tool => isThere($"/usr/bin/{tool.Program}"));
    }

    public static DesktopTool? Find() => Find(System.Environment.GetEnvironmentVariable, File.Exists);
}

/// <summary>The programs that can show windows for us.</summary>
internal enum DesktopKind
{
    Zenity,
    KDialog,
}
