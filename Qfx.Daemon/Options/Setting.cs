using System.Globalization;

namespace Qfx.Daemon.Options;

/// <summary>One setting of the configuration file: its place, its meaning, and how a text becomes a value and a value a text.</summary>
/// <param name="Section">In brackets above it.</param>
/// <param name="Key">Its name in its section.</param>
/// <param name="Form">What may stand there, as the person who reads the manual is told.</param>
/// <param name="Meaning">What it is for, one sentence or two, without a full stop at the end.</param>
/// <param name="Show">The text that gives these options; empty where nothing is set.</param>
/// <param name="Apply">The options with what a text says; a <see cref="FormatException"/> says what the text must be.</param>
internal sealed record Setting(
    string Section, string Key, string Form, string Meaning, Func<DaemonOptions, string> Show, Func<DaemonOptions, string, DaemonOptions> Apply)
{
    private static readonly (char Letter, int Seconds)[] Units = [('d', 86400), ('h', 3600), ('m', 60), ('s', 1)];

    /// <summary>A daemon that runs takes a change over on SIGHUP; any other setting needs a restart.</summary>
    public bool Reloads { get; init; }

    /// <summary>What holds if nothing is said.</summary>
    public string Default => Show(new DaemonOptions());

    /// <summary>A file, a folder, a command: any text.</summary>
    public static Setting Text(string section, string key, string form, string meaning, Func<DaemonOptions, string?> get, Func<DaemonOptions, string, DaemonOptions> set) =>
        new(section, key, form, meaning, options => get(options) ?? "", set);

    /// <summary>A whole number that is not negative.</summary>
    public static Setting Number(string section, string key, string form, string meaning, Func<DaemonOptions, int> get, Func<DaemonOptions, int, DaemonOptions> set) =>
        new(section, key, form, meaning, options => get(options).ToString(CultureInfo.InvariantCulture), (options, text) => set(options,
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("it must be a whole number")));

    /// <summary><c>yes</c> or <c>no</c>.</summary>
    public static Setting YesNo(string section, string key, string meaning, Func<DaemonOptions, bool> get, Func<DaemonOptions, bool, DaemonOptions> set) =>
        Choice(section, key, meaning, get, set, ("yes", true), ("no", false));

    /// <summary>One of a few words.</summary>
    public static Setting Choice<T>(
        string section, string key, string meaning, Func<DaemonOptions, T> get, Func<DaemonOptions, T, DaemonOptions> set, params (string Word, T Value)[] choices)
    {
        var words = choices.Select(choice => choice.Word).ToArray();
        return new(section, key, string.Join(", ", words), meaning,
            options => choices.First(choice => Equals(choice.Value, get(options))).Word,
            (options, text) => Array.IndexOf(words, text) is >= 0 and var i
                ? set(options, choices[i].Value)
                : throw new FormatException($"it must be {string.Join(" or ", words)}"));
    }

    /// <summary>A number and a unit. All of them can be changed while the daemon runs; what has begun keeps its time.</summary>
    public static Setting Time(string section, string key, string meaning, Func<DaemonOptions, TimeSpan> get, Func<DaemonOptions, TimeSpan, DaemonOptions> set) =>
        new(section, key, "a time", meaning, options => TextOf(get(options)), (options, text) => set(options, TimeOf(text))) { Reloads = true };

    private const long MostSeconds = 366L * 24 * 60 * 60;

    private static TimeSpan TimeOf(string text)
    {
        var unit = text.Length > 1 ? Units.FirstOrDefault(unit => unit.Letter == text[^1]).Seconds : 0;
        if (unit == 0 || !int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new FormatException("it must be a number and one of s, m, h, d, such as 30s");
        var seconds = (long)number * unit;
        return seconds <= MostSeconds ? TimeSpan.FromSeconds(seconds) : throw new FormatException("nothing here lasts longer than a year");
    }

    /// <summary>In the largest unit of which it is a whole number.</summary>
    private static string TextOf(TimeSpan time)
    {
        var seconds = (long)time.TotalSeconds;
        var (letter, unit) = Units.First(unit => seconds % unit.Seconds == 0 && (seconds >= unit.Seconds || unit.Seconds == 1));
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / unit}{letter}");
    }
}
