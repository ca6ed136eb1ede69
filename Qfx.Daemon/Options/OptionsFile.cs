using System.Globalization;
using Microsoft.Extensions.Configuration.Ini;

namespace Qfx.Daemon.Options;

/// <summary>Reads a configuration file: <c>[section]</c>, <c>key = value</c>, comments after <c>#</c> or <c>;</c>.</summary>
internal static partial class OptionsFile
{
    /// <summary>Where it is unless the command line says otherwise.</summary>
    public const string DefaultPath = "/etc/qubes/qfilexchgd.conf";

    /// <summary>Reads a file, or the defaults where there is none at the default place.</summary>
    /// <returns>The options and every fault found; with a fault the options are not to be used.</returns>
    public static (DaemonOptions Options, IReadOnlyList<string> Problems) Read(string? path)
    {
        var file = path ?? DefaultPath;
        if (path is null && !File.Exists(file)) return Parse("");
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (new(), [$"{file} cannot be read: {e.Message}"]);
        }
    }

    /// <summary>The same of a text.</summary>
    public static (DaemonOptions Options, IReadOnlyList<string> Problems) Parse(string text)
    {
        IDictionary<string, string?> values;
        try
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            values = IniStreamConfigurationProvider.Read(stream);
        }
        catch (FormatException e)
        {
            return (new(), [e.Message]);
        }

        var reader = new Reader(values);
        var was = new DaemonOptions();
        var options = was with
        {
            StoreSocket = reader.Text("store:socket", was.StoreSocket),
            Spool = reader.Text("spool:folder", was.Spool)!,
            Devices = reader.Choice("devices:kind", was.Devices, ("native", DeviceKind.Native), ("xl", DeviceKind.Xl), ("simulated", DeviceKind.Simulated)),
            SpoolMiB = reader.Number("spool:max_mib", was.SpoolMiB),
            Xl = reader.Text("devices:xl", was.Xl)!,
            VbdScript = reader.Text("devices:script", was.VbdScript)!,
            DevicesFolder = reader.Text("devices:folder", was.DevicesFolder)!,
            Questions = reader.Choice("questions:ask", was.Questions,
                ("none", QuestionKind.None), ("terminal", QuestionKind.Terminal), ("command", QuestionKind.Command), ("desktop", QuestionKind.Desktop)),
            QuestionTool = reader.Choice("questions:tool", was.QuestionTool, ("auto", "auto"), ("zenity", "zenity"), ("yad", "yad"), ("kdialog", "kdialog")),
            QuestionCommand = reader.Text("questions:command", was.QuestionCommand),
            PolicyFolder = reader.Text("policy:folder", was.PolicyFolder)!,
            Vms = reader.Vms(),
            Excluded = reader.Text("domains:exclude", "")!.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            Disposables = was.Disposables with
            {
                Restore = reader.Text("disposable:restore", was.Disposables.Restore)!,
                RestorePaused = reader.Choice("disposable:restore_paused", was.Disposables.RestorePaused, ("yes", true), ("no", false)),
                Update = reader.Text("disposable:update", was.Disposables.Update)!,
                Destroy = reader.Text("disposable:destroy", was.Disposables.Destroy)!,
                Unpause = reader.Text("disposable:unpause", was.Disposables.Unpause)!,
                Savefile = reader.Text("disposable:savefile", was.Disposables.Savefile)!,
                DefaultSavefile = reader.Text("disposable:default_savefile", was.Disposables.DefaultSavefile)!,
                SavefileRoot = reader.Text("disposable:savefile_root", was.Disposables.SavefileRoot)!,
                Report = reader.Text("disposable:report", was.Disposables.Report)!,
                MemorySocket = reader.Text("disposable:memory_socket", was.Disposables.MemorySocket)!,
                MemoryMiB = reader.Number("disposable:memory_mib", was.Disposables.MemoryMiB),
                Database = reader.Text("disposable:database", was.Disposables.Database)!,
            },
            Exchange = was.Exchange with
            {
                Disposables = was.Exchange.Disposables with
                {
                    Enabled = reader.Choice("disposable:enabled", was.Exchange.Disposables.Enabled, ("yes", true), ("no", false)),
                    Keep = reader.Choice("disposable:keep_dvms", was.Exchange.Disposables.Keep, ("yes", true), ("no", false)),
                    Ready = reader.Number("disposable:ready", was.Exchange.Disposables.Ready),
                    UpdateLimit = reader.Time("time:savefile_update", was.Exchange.Disposables.UpdateLimit),
                    RestoreLimit = reader.Time("time:restore", was.Exchange.Disposables.RestoreLimit),
                },
                SizeMiB = reader.Number("pendrive:size_mib", was.Exchange.SizeMiB),
                MinMiB = reader.Number("pendrive:min_mib", was.Exchange.MinMiB),
                MaxMiB = reader.Number("pendrive:max_mib", was.Exchange.MaxMiB),
                WaitingPerReceiver = reader.Number("pendrive:waiting", was.Exchange.WaitingPerReceiver),
                RevealNames = reader.Choice("domains:reveal_names", was.Exchange.RevealNames, ("yes", true), ("no", false)),
                QuestionLimit = reader.Time("time:question", was.Exchange.QuestionLimit),
                UnshownLimit = reader.Time("time:unshown", was.Exchange.UnshownLimit),
                QuietTime = reader.Time("time:quiet", was.Exchange.QuietTime),
                WaitingLimit = reader.Time("time:waiting", was.Exchange.WaitingLimit),
                DetachLimit = reader.Time("time:detach", was.Exchange.DetachLimit),
                EffectLimit = reader.Time("time:effect", was.Exchange.EffectLimit),
            },
        };
        return (options, [.. reader.Problems(), .. options.Problems()]);
    }

    /// <summary>Takes values by key, and remembers what was wrong and what was never asked for.</summary>
    private sealed partial class Reader(IDictionary<string, string?> values)
    {
        private readonly List<string> problems = [];
        private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);

        public string? Text(string key, string? otherwise) => Take(key) is { Length: > 0 } text ? text : otherwise;

        public int Number(string key, int otherwise)
        {
            if (Take(key) is not { } text) return otherwise;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            problems.Add($"{Shown(key)} is '{text}': it must be a whole number");
            return otherwise;
        }

        public T Choice<T>(string key, T otherwise, params (string Word, T Value)[] choices)
        {
            if (Take(key) is not { } text) return otherwise;
            foreach (var (word, value) in choices)
            {
                if (text == word) return value;
            }

            problems.Add($"{Shown(key)} is '{text}': it must be {string.Join(" or ", choices.Select(c => c.Word))}");
            return otherwise;
        }

        public TimeSpan Time(string key, TimeSpan otherwise)
        {
            if (Take(key) is not { } text) return otherwise;
            double? unit = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => null } : null;
            if (unit is { } seconds && int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return TimeSpan.FromSeconds(number * seconds);
            problems.Add($"{Shown(key)} is '{text}': it must be a number and one of s, m, h, d, such as 30s");
            return otherwise;
        }

        public IEnumerable<string> Problems() =>
            problems.Concat(values.Keys.Where(key => !known.Contains(key)).Order().Select(key => $"{Shown(key)} is no setting"));

        private string? Take(string key)
        {
            known.Add(key);
            return values.TryGetValue(key, out var value) ? value?.Trim() : null;
        }

        private static string Shown(string key) => key.Replace(':', ' ');
    }
}
