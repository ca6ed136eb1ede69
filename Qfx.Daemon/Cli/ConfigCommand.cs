using System.CommandLine;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Cli;

/// <summary><c>qfilexchgd config</c>: what the configuration's files say, without a daemon.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var file = new Option<string?>("--config", "-c") { Description = $"the configuration file (default: {OptionsFile.DefaultPath})" };
        var changed = new Option<bool>("--changed") { Description = "only what a file has set" };
        var check = new Command("check", $"Says whether the files can be used. Exit code: 0 yes, {RunCommand.BadConfiguration} no.") { file };
        check.SetAction(parsed => Check(OptionsFile.Read(parsed.GetValue(file))));
        var show = new Command("show", "Every setting, its value, and which file has set it.") { file, changed };
        show.SetAction(parsed => Show(OptionsFile.Read(parsed.GetValue(file)), parsed.GetValue(changed)));
        return new("config", "What the configuration says.") { check, show };
    }

    private static int Check(ReadOptions read)
    {
        if (Faults(read)) return RunCommand.BadConfiguration;
        Console.WriteLine(read.Files.IsEmpty
            ? "no file, so every setting has its default"
            : $"{string.Join(", ", read.Files)}: good; {read.Set.Count} {(read.Set.Count == 1 ? "setting is" : "settings are")} set");
        return 0;
    }

    private static int Show(ReadOptions read, bool changed)
    {
        if (Faults(read)) return RunCommand.BadConfiguration;
        foreach (var (name, value, from) in Rows(read))
        {
            if (!changed || from is not null) Console.WriteLine($"{name,-27} {value,-36} {from ?? "default"}".TrimEnd());
        }

        return 0;
    }

    /// <summary>The settings, then what is said of single VMs: that is not among them, since every VM has a line of its own.</summary>
    private static IEnumerable<(string Name, string Value, string? File)> Rows(ReadOptions read)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in Settings.All)
        {
            var key = $"{setting.Section}:{setting.Key}";
            seen.Add(key);
            var value = setting.Show(read.Options);
            yield return ($"{setting.Section} {setting.Key}", value.Length > 0 ? value : "(unset)", read.Set.GetValueOrDefault(key).File);
        }

        foreach (var (key, (text, file)) in read.Set.Where(set => !seen.Contains(set.Key))) yield return (key.Replace(':', ' '), text, file);
    }

    private static bool Faults(ReadOptions read)
    {
        foreach (var problem in read.Problems) Console.Error.WriteLine($"qfilexchgd: {problem}");
        return !read.Problems.IsEmpty;
    }
}
