using System.CommandLine;
using Qfx.Daemon.Manual;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd manual</c>: what of the documentation is written from the code. <c>./qfx manual</c> puts it where it belongs, a test sees that it is there.</summary>
internal static class ManualCommand
{
    public static Command Create(RootCommand root)
    {
        var what = new Argument<string>("WHAT");
        var parts = Parts(root);
        what.AcceptOnlyFromAmong([.. parts.Keys]);
        var command = new Command("manual", "Prints a part of the manual.") { what };
        command.Hidden = true;
        command.SetAction(parsed => Console.Out.Write(parts[parsed.GetValue(what)!]()));
        return command;
    }

    internal static Dictionary<string, Func<string>> Parts(RootCommand root) => new()
    {
        ["qfilexchgd.8"] = () => CommandPage.Of(root),
        ["qfilexchgd.conf.5"] = ConfigurationPage.Page,
        ["qfilexchgd.conf"] = ConfigurationPage.Sample,
        ["configuration"] = ConfigurationPage.Table,
        ["catalog"] = MessagePage.Catalog,
        ["messages"] = MessagePage.Table,
        ["bash"] = () => Completions.Bash(root),
        ["zsh"] = () => Completions.Zsh(root),
        ["fish"] = () => Completions.Fish(root),
    };
}
