using System.CommandLine;
using System.Text;

namespace Qfx.Daemon.Manual;

/// <summary>Completion for three shells, written from the commands as they are parsed. Only fixed words: no daemon is asked.</summary>
internal static class Completions
{
    public static string Bash(Command root)
    {
        var text = new StringBuilder("# bash completion for qfilexchgd. Written by qfilexchgd itself: ./qfx manual.\n")
            .Append("_qfilexchgd() {\n    local words=\"\" word options=\"\" current=${COMP_WORDS[COMP_CWORD]}\n")
            .Append("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do [[ $word == -* ]] || words+=\" $word\"; done\n    case $words in\n");
        foreach (var (words, command) in CommandTree.Leaves(root))
            text.Append($"        \" {words}\"*) options=\"{string.Join(' ', CommandTree.OptionsOf(command).Select(option => option.Name).Append("--help"))}\" ;;\n");
        foreach (var group in Groups(root)) text.Append($"        \" {group.Name}\") options=\"{Words(group)}\" ;;\n");
        return text.Append($"        \"\") options=\"{Words(root)}\" ;;\n    esac\n")
            .Append("    if [[ $current == -* || $options != -* ]]; then mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\"); fi\n")
            .Append("    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then\n        compopt -o filenames\n        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n    fi\n")
            .Append("}\ncomplete -F _qfilexchgd qfilexchgd\n").ToString();
    }

    public static string Zsh(Command root)
    {
        var text = new StringBuilder("#compdef qfilexchgd\n# zsh completion for qfilexchgd. Written by qfilexchgd itself: ./qfx manual.\n")
            .Append("local words_before=\"${(j: :)${(@)words[2,CURRENT-1]:#-*}}\"\nlocal -a found\ncase $words_before in\n");
        foreach (var (words, command) in CommandTree.Leaves(root))
        {
            var options = CommandTree.OptionsOf(command).Select(option => ZshWord(option.Name, option.Description)).Append(ZshWord("--help", "how it is used"));
            text.Append($"    '{words}'*) found=({string.Join(' ', options)}); _describe option found; _files ;;\n");
        }

        foreach (var group in Groups(root)) text.Append($"    '{group.Name}') found=({ZshWords(group)}); _describe command found ;;\n");
        return text.Append($"    '') found=({ZshWords(root)}); _describe command found ;;\nesac\n").ToString();
    }

    public static string Fish(Command root)
    {
        var text = new StringBuilder("# fish completion for qfilexchgd. Written by qfilexchgd itself: ./qfx manual.\n");
        foreach (var command in Visible(root)) text.Append($"complete -c qfilexchgd -n __fish_use_subcommand -f -a {command.Name} -d {Quoted(command.Description)}\n");
        foreach (var group in Groups(root))
        {
            foreach (var command in Visible(group))
                text.Append($"complete -c qfilexchgd -n '__fish_seen_subcommand_from {group.Name}' -f -a {command.Name} -d {Quoted(command.Description)}\n");
        }

        foreach (var (words, command) in CommandTree.Leaves(root))
        {
            var seen = string.Join("; and ", words.Split(' ').Select(word => $"__fish_seen_subcommand_from {word}"));
            foreach (var option in CommandTree.OptionsOf(command))
            {
                var value = option.ValueType == typeof(bool) ? "" : " -r";
                var name = option.Name.StartsWith("--", StringComparison.Ordinal) ? $"-l {option.Name[2..]}" : $"-s {option.Name[1..]}";
                text.Append($"complete -c qfilexchgd -n '{seen}' {name}{value} -d {Quoted(option.Description)}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Command> Visible(Command command) => command.Subcommands.Where(sub => !sub.Hidden);

    private static IEnumerable<Command> Groups(Command root) => Visible(root).Where(command => Visible(command).Any());

    private static string Words(Command command) => string.Join(' ', Visible(command).Select(sub => sub.Name));

    private static string ZshWords(Command command) => string.Join(' ', Visible(command).Select(sub => ZshWord(sub.Name, sub.Description)));

    private static string ZshWord(string word, string? description) => Quoted($"{word}:{description?.Replace(":", "\\:", StringComparison.Ordinal)}");

    private static string Quoted(string? text) => $"'{text?.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
