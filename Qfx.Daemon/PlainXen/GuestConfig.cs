using System.Globalization;
using System.Text.RegularExpressions;

namespace Qfx.Daemon.PlainXen;

/// <summary>What of a guest's configuration, xl.cfg(5), a disposable VM needs to know and to change.</summary>
internal static partial class GuestConfig
{
    /// <summary>The guest's name; null if the text has none.</summary>
    public static string? NameOf(string text) => NameLine().Match(text) is { Success: true } match ? match.Groups["value"].Value : null;

    /// <summary>Its memory in MiB; null if the text has none that is a plain number.</summary>
    public static int? MemoryOf(string text) =>
        MemoryLine().Match(text) is { Success: true } match && int.TryParse(match.Groups["value"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var mib) ? mib : null;

    /// <summary>The text for another guest of the same making: another name, and no uuid or MAC address that two would then have.</summary>
    public static string For(string text, string name)
    {
        text = UuidLine().Replace(text, "");
        text = MacAddress().Replace(text, "");
        return NameLine().Replace(text, match => $"name = \"{name}\"{match.Groups["rest"].Value}", 1);
    }

    /// <summary>Disks that a guest may write to: several guests restored from one savefile would destroy what is on them.</summary>
    public static IReadOnlyList<string> WritableDisks(string text) => [.. Disks(text).Where(disk => !disk.Split(',').Any(word => word.Trim() is
        "r" or "ro" or "access=r" or "access=ro" or "cdrom" or "devtype=cdrom"))];

    /// <summary>The files that the guest is made of, the one that changes first: its disks, else its ramdisk, else its kernel.</summary>
    public static string? MadeOf(string text) => Disks(text).Select(TargetOf)
        .Append(ValueOf(text, "ramdisk"))
        .Append(ValueOf(text, "kernel"))
        .FirstOrDefault(file => file is ['/', ..]);

    /// <summary>The quoted entries of every <c>disk = [ … ]</c> and <c>disk += [ … ]</c>; a bracket within quotes ends no list.</summary>
    private static IEnumerable<string> Disks(string text) => DiskList().Matches(WithoutComments(text))
        .SelectMany(list => Quoted().Matches(list.Groups["list"].Value).Select(entry => entry.Groups["value"].Value));

    /// <summary>By its key, or the first word: <c>phy:/dev/x,xvda,r</c>, <c>/x.img,raw,xvda,r</c>.</summary>
    private static string? TargetOf(string disk)
    {
        var words = disk.Split(',').Select(word => word.Trim()).ToArray();
        var keyed = words.FirstOrDefault(word => word.StartsWith("target=", StringComparison.Ordinal));
        var target = keyed is null ? words[0] : keyed["target=".Length..];
        return target.Contains(":/", StringComparison.Ordinal) ? target[(target.LastIndexOf(":/", StringComparison.Ordinal) + 1)..] : target;
    }

    private static string? ValueOf(string text, string key) =>
        Regex.Match(WithoutComments(text), $"""^\s*{key}\s*=\s*(?<quote>["'])(?<value>.*?)\k<quote>""", RegexOptions.Multiline) is { Success: true } match ? match.Groups["value"].Value : null;

    /// <summary>A number sign within quotes begins none.</summary>
    private static string WithoutComments(string text) => QuotedOrComment().Replace(text, match => match.Value is ['#', ..] ? "" : match.Value);

    [GeneratedRegex("""^[ \t]*name[ \t]*=[ \t]*(?<quote>["'])(?<value>.*?)\k<quote>(?<rest>[^\n]*)""", RegexOptions.Multiline)]
    private static partial Regex NameLine();

    [GeneratedRegex("""^[ \t]*memory[ \t]*=[ \t]*["']?(?<value>\d+)""", RegexOptions.Multiline)]
    private static partial Regex MemoryLine();

    [GeneratedRegex("""^[ \t]*uuid[ \t]*=[^\n]*\n?""", RegexOptions.Multiline)]
    private static partial Regex UuidLine();

    [GeneratedRegex("""\bmac=[0-9A-Fa-f:]{17},?""")]
    private static partial Regex MacAddress();

    [GeneratedRegex("""(?:^|;)\s*disk\s*\+?=\s*\[(?<list>(?:"[^"]*"|'[^']*'|[^\]"'])*)\]?""", RegexOptions.Multiline)]
    private static partial Regex DiskList();

    [GeneratedRegex("""(?<quote>["'])(?<value>.*?)\k<quote>""")]
    private static partial Regex Quoted();

    [GeneratedRegex(""""[^"\n]*"|'[^'\n]*'|\#[^\n]*"""")]
    private static partial Regex QuotedOrComment();
}
