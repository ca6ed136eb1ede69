using System.Globalization;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>The person can be asked, and told.</summary>
internal static class QuestionChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(DaemonOptions options, Host host, CancellationToken cancel) => options.Questions switch
    {
        QuestionKind.None => [Finding.Warning("questions", "nobody is asked, so every question ends as a no", "set [questions] ask = desktop")],
        QuestionKind.Terminal => [Finding.Good("questions", "on the terminal that the daemon was started from")],
        QuestionKind.Command => [Command("questions", "command", options.QuestionCommand!, host), .. options.NoticeCommand is { } notify ? [Command("notices", "notify", notify, host)] : Array.Empty<Finding>()],
        _ => [Tool(options.QuestionTool, host), await SeatAsync(host, cancel).ConfigureAwait(false), Notices(host)],
    };

    private static Finding Command(string what, string key, string command, Host host) => host.Has(command)
        ? Finding.Good(what, command)
        : Finding.Bad(what, $"{command} is missing", $"set [questions] {key} to a program, or ask = desktop");

    private static Finding Tool(string wish, Host host)
    {
        var names = DialogTool.All.Select(tool => tool.Name).Where(name => wish == "auto" || name == wish).ToArray();
        return names.FirstOrDefault(host.HasProgram) is { } found
            ? Finding.Good("dialog", found)
            : Finding.Bad("dialog", $"{string.Join(", ", names)}: not installed", $"install {names[0]}: nobody can be asked without");
    }

    private static async Task<Finding> SeatAsync(Host host, CancellationToken cancel)
    {
        const string What = "session";
        var line = await host.Ask(new("loginctl", "show-seat", "seat0", "--property=ActiveSession"), cancel).ConfigureAwait(false);
        if (line is null) return Finding.Bad(What, "loginctl cannot be run", "questions need systemd-logind; without it set [questions] ask = command");
        return line.StartsWith("ActiveSession=", StringComparison.Ordinal) && line.Length > "ActiveSession=".Length
            ? Finding.Good(What, string.Create(CultureInfo.InvariantCulture, $"number {line["ActiveSession=".Length..]} is active at seat0"))
            : Finding.Warning(What, "nobody is logged in at seat0", "log in there: until then a question waits, an hour at most");
    }

    private static Finding Notices(Host host) => host.HasProgram("notify-send")
        ? Finding.Good("notices", "notify-send")
        : Finding.Warning("notices", "notify-send is not installed", "install libnotify-bin: the person is asked without it, but not told how it went");
}
