using System.CommandLine;
using System.CommandLine.Help;

namespace Qfx.Daemon.Manual;

/// <summary>The commands as a person types them.</summary>
internal static class CommandTree
{
    /// <summary>Each command that does something, with its words.</summary>
    public static IEnumerable<(string Words, Command Command)> Leaves(Command root) => root.Subcommands
        .Where(command => !command.Hidden)
        .SelectMany(command => command.Subcommands.Any(sub => !sub.Hidden)
            ? Leaves(command).Select(leaf => ($"{command.Name} {leaf.Words}", leaf.Command))
            : [(command.Name, command)]);

    /// <summary>Its options but help.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) => command.Options.Where(option => !option.Hidden && option is not HelpOption).OrderBy(option => option.Name, StringComparer.Ordinal);

    /// <summary>Its names, the short one first, and what it takes.</summary>
    public static string Spellings(Option option) =>
        string.Join(", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length)) + (option.ValueType == typeof(bool) ? "" : " VALUE");

    /// <summary>What stands behind its words.</summary>
    public static string Synopsis(Command command) => string.Join(' ',
        OptionsOf(command).Any() ? ["[OPTION]…", .. Arguments(command)] : Arguments(command));

    private static IEnumerable<string> Arguments(Command command) => command.Arguments.Where(argument => !argument.Hidden).Select(argument =>
        argument.Arity.MaximumNumberOfValues > 1 ? $"[{argument.Name}…]" : argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name);
}
