using System.Globalization;

namespace Qfx.Guest.Host;

/// <summary>What can be set in /etc/qubes/qfx-guest.conf: lines of <c>key = value</c>, # begins a comment. docs/guest.md lists them.</summary>
internal sealed record GuestSettings
{
    public const string Path = "/etc/qubes/qfx-guest.conf";

    /// <summary>Who works in this VM; null for the first member of the group qfx.</summary>
    public string? User { get; init; }

    /// <summary>Whether files are sent as an archive when nothing else is said.</summary>
    public bool Archive { get; init; }

    /// <summary>Whether what has come is mounted for writing too.</summary>
    public bool IncomingWritable { get; init; }

    /// <summary>MiB that one archive may unpack to.</summary>
    public int QuotaMiB { get; init; } = 16 * 1024;

    /// <summary>Files, folders and links that one archive may have.</summary>
    public int QuotaFiles { get; init; } = 200_000;

    /// <summary>As the file says, or as it is without one.</summary>
    /// <exception cref="GuestException">Something in it is wrong.</exception>
    public static GuestSettings Read(string path)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadLines(path), path) : new();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Failed, $"{path} cannot be read: {e.Message}", e);
        }
    }

    internal static GuestSettings Parse(IEnumerable<string> lines, string path)
    {
        var settings = new GuestSettings();
        foreach (var (line, number) in lines.Select((line, i) => (line.Split('#')[0].Trim(), i + 1)).Where(each => each.Item1.Length > 0))
        {
            settings = line.Split('=', 2, StringSplitOptions.TrimEntries) switch
            {
                ["user", { Length: > 0 } name] => settings with { User = name },
                ["archive", ("yes" or "no") and var word] => settings with { Archive = word == "yes" },
                ["incoming", ("read-only" or "read-write") and var word] => settings with { IncomingWritable = word == "read-write" },
                ["quota_mib", var digits] when Number(digits) is { } mib => settings with { QuotaMiB = mib },
                ["quota_files", var digits] when Number(digits) is { } files => settings with { QuotaFiles = files },
                _ => throw new GuestException(ExitCode.Failed, $"{path}, line {number}: this is no setting, or not a value that it can have: {line}"),
            };
        }

        return settings;
    }

    private static int? Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
