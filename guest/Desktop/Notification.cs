using System.Globalization;
using Qfx.Guest.Host;

namespace Qfx.Guest.Desktop;

/// <summary>A word on the person's desktop, from a program that runs as root: said in the person's own session, or not at all.</summary>
/// <param name="person">Who is told; null for nobody.</param>
internal sealed class Notification(GuestUser? person)
{
    /// <summary>Shows it. Without a session, or without notify-send, there is nobody to tell: what is said is in the journal too.</summary>
    public async Task ShowAsync(string title, string text, CancellationToken cancel)
    {
        if (person is null || Libc.EffectiveUser() != 0) return;
        var runtime = string.Create(CultureInfo.InvariantCulture, $"/run/user/{person.Id}");
        if (!File.Exists($"{runtime}/bus") || !File.Exists("/usr/bin/notify-send")) return;
        string[] arguments =
        [
            "--reuid", person.Id.ToString(CultureInfo.InvariantCulture), "--regid", person.Group.ToString(CultureInfo.InvariantCulture), "--init-groups",
            "--no-new-privs", "--", "notify-send", "--app-name=qfx", "--icon=folder-download", "--", Printable.Of(title), Markup(Printable.Of(text)),
        ];
        await Tool.RunAsync("setpriv", arguments, cancel, new Dictionary<string, string>
        {
            ["HOME"] = person.Home,
            ["XDG_RUNTIME_DIR"] = runtime,
            ["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={runtime}/bus",
        }).ConfigureAwait(false);
    }

    /// <summary>Notification servers may take what looks like HTML for HTML.</summary>
    private static string Markup(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
