using System.Text;

namespace Qfx.Guest.Opening;

/// <summary>What of a .desktop file says how to open a file: freedesktop.org's Desktop Entry Specification.</summary>
internal static class DesktopEntry
{
    /// <summary>The command as an argument list, the file in its place; null if the text has no usable one.</summary>
    /// <param name="text">The .desktop file's text.</param>
    /// <param name="file">A full path, which becomes one argument whatever is in it.</param>
    public static IReadOnlyList<string>? Command(string text, string file)
    {
        string? exec = null, name = null;
        var terminal = false;
        var inside = false;
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (line.StartsWith('[')) inside = line == "[Desktop Entry]";
            else if (inside && Value(line, "Exec") is { } e) exec ??= e;
            else if (inside && Value(line, "Name") is { } n) name ??= n;
            else if (inside && Value(line, "Terminal") is { } t) terminal = t == "true";
        }

        if (exec is null || Words(exec) is not { Count: > 0 } words) return null;
        var command = words.SelectMany(word => Expand(word, file, name ?? "")).ToList();
        if (command.Count == 0 || command[0].Length == 0) return null;
        if (!words.Any(word => word.Code is 'f' or 'F' or 'u' or 'U')) command.Add(file);
        return terminal ? ["x-terminal-emulator", "-e", .. command] : command;
    }

    /// <summary>One argument; a field code is one of its own.</summary>
    private readonly record struct Word(string Text, char Code);

    private static string? Value(string line, string key) =>
        line.Split('=', 2) is [var k, var v] && k.TrimEnd() == key ? Unescape(v.Trim()) : null;

    /// <summary>The escapes of every string value; the quoting of Exec comes after them.</summary>
    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\' || i + 1 == value.Length) text.Append(value[i]);
            else text.Append(value[++i] switch { 's' => " ", 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' => "\\", var other => $"\\{other}" });
        }

        return text.ToString();
    }

    /// <summary>Splits at blanks; a quoted argument may have a backslash before <c>" ` $ \</c>. Null if a quote does not end.</summary>
    private static List<Word>? Words(string exec)
    {
        var words = new List<Word>();
        for (var i = 0; i < exec.Length; i++)
        {
            if (exec[i] == ' ') continue;
            var word = new StringBuilder();
            if (exec[i] == '"')
            {
                for (i++; i < exec.Length && exec[i] != '"'; i++)
                {
                    if (exec[i] == '\\' && i + 1 < exec.Length) i++;
                    word.Append(exec[i]);
                }

                if (i == exec.Length) return null;
                words.Add(new(word.ToString(), '\0'));
                continue;
            }

            for (; i < exec.Length && exec[i] != ' '; i++) word.Append(exec[i]);
            words.Add(word is { Length: 2 } && word[0] == '%' ? new(word.ToString(), word[1]) : new(word.ToString(), '\0'));
        }

        return words;
    }

    private static IEnumerable<string> Expand(Word word, string file, string name) => word.Code switch
    {
        'f' or 'F' => [file],
        'u' or 'U' => [Uri(file)],
        'c' => [name],
        'i' or 'k' or 'd' or 'D' or 'n' or 'N' or 'v' or 'm' => [],
        _ => [word.Text.Replace("%%", "%", StringComparison.Ordinal)],
    };

    private static string Uri(string file) => "file://" + string.Join('/', file.Split('/').Select(System.Uri.EscapeDataString));
}
