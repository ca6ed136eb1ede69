using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Configuration.Ini;

namespace Qfx.Daemon.Options;

/// <summary>Reads the configuration: <c>[section]</c>, <c>key = value</c>, comments after <c>#</c> or <c>;</c> at a line's start.</summary>
internal static partial class OptionsFile
{
    /// <summary>Where it is unless the command line says otherwise.</summary>
    public const string DefaultPath = "/etc/qubes/qfilexchgd.conf";

    /// <summary>The folder beside the file, <c>FILE.d</c>, whose <c>*.conf</c> are read after it, by name.</summary>
    public const string DropIns = ".d";

    /// <summary>Reads a file and its drop-ins. At the default place the file may be missing.</summary>
    public static ReadOptions Read(string? path)
    {
        var file = path ?? DefaultPath;
        var layers = new List<(string? File, string Text)>();
        var at = file;
        try
        {
            if (path is not null || File.Exists(file)) layers.Add((file, File.ReadAllText(file)));
            foreach (var dropIn in DropInsOf(file)) layers.Add((at = dropIn, File.ReadAllText(dropIn)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Faulty([$"{at} cannot be read: {e.Message}"]);
        }

        return Parse(layers);
    }

    /// <summary>The same of a text.</summary>
    public static ReadOptions Parse(string text) => Parse([(null, text)]);

    private static IEnumerable<string> DropInsOf(string file) =>
        Directory.Exists(file + DropIns) ? Directory.EnumerateFiles(file + DropIns, "*.conf").Order(StringComparer.Ordinal) : [];

    private static ReadOptions Parse(IReadOnlyList<(string? File, string Text)> layers)
    {
        var values = new Dictionary<string, (string Text, string? File)>(StringComparer.OrdinalIgnoreCase);
        foreach (var (file, text) in layers)
        {
            try
            {
                using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
                foreach (var (key, value) in IniStreamConfigurationProvider.Read(stream)) values[key] = (value?.Trim() ?? "", file);
            }
            catch (FormatException e)
            {
                return Faulty([file is null ? e.Message : $"{file}: {e.Message}"]);
            }
        }

        var reader = new Reader(values);
        var options = Settings.All.Aggregate(new DaemonOptions(), reader.Apply) with { Vms = reader.Vms() };
        return new(options, [.. reader.Problems(), .. options.Problems().Select(reader.WithFile)], reader.Set(), [.. layers.Select(layer => layer.File).OfType<string>()]);
    }

    private static ReadOptions Faulty(ImmutableArray<string> problems) => new(new(), problems, ImmutableSortedDictionary<string, (string, string)>.Empty, []);

    /// <summary>Takes values by key, and remembers what was wrong and what was never asked for.</summary>
    private sealed partial class Reader(Dictionary<string, (string Text, string? File)> values)
    {
        private readonly List<string> problems = [];
        private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>The options with what the files say of a setting; an empty value is none.</summary>
        public DaemonOptions Apply(DaemonOptions options, Setting setting)
        {
            var key = $"{setting.Section}:{setting.Key}";
            if (Take(key) is not { Length: > 0 } text) return options;
            try
            {
                return setting.Apply(options, text);
            }
            catch (FormatException e)
            {
                Fault(key, $"is '{text}': {e.Message}");
                return options;
            }
        }

        public List<string> Problems()
        {
            foreach (var key in values.Keys.Where(key => !known.Contains(key)).Order(StringComparer.Ordinal)) Fault(key, "is no setting");
            return problems;
        }

        public ImmutableSortedDictionary<string, (string Text, string File)> Set() => values
            .Where(value => value.Value is { File: not null, Text.Length: > 0 })
            .ToImmutableSortedDictionary(value => value.Key, value => (value.Value.Text, value.Value.File!), StringComparer.OrdinalIgnoreCase);

        /// <summary>A problem that begins with a section and a key, with the file that set it before it.</summary>
        public string WithFile(string problem) =>
            problem.Split(' ', 3) is [var section, var key, _] && values.TryGetValue($"{section}:{key}", out var value) && value.File is { } file ? $"{file}: {problem}" : problem;

        private void Fault(string key, string what) =>
            problems.Add($"{(values[key].File is { } file ? $"{file}: " : "")}{key.Replace(':', ' ')} {what}");

        private string? Take(string key)
        {
            known.Add(key);
            return values.TryGetValue(key, out var value) ? value.Text : null;
        }
    }
}
