using System.Globalization;

namespace Qfx.Guest.Host;

/// <summary>The person who works in this VM: whose files arrive, and who is told.</summary>
internal sealed record GuestUser(string Name, int Id, int Group, string Home)
{
    private const string GroupName = "qfx";
    private const int FirstPerson = 1000;

    /// <summary>The one in the settings; else the first of the group qfx; else the user 1000; else null.</summary>
    public static async Task<GuestUser?> FindAsync(string? named, CancellationToken cancel)
    {
        if (named is not null) return await OfAsync(named, cancel).ConfigureAwait(false);
        var group = await LineAsync("group", GroupName, cancel).ConfigureAwait(false);
        var member = group is [_, _, _, { Length: > 0 } members] ? members.Split(',')[0] : null;
        return await OfAsync(member ?? FirstPerson.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
    }

    /// <summary>A line of passwd(5).</summary>
    internal static GuestUser? Parse(string[] fields) =>
        fields is [{ Length: > 0 } name, _, var id, var group, _, ['/', ..] home, ..]
        && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var user)
        && int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var gid)
            ? new(name, user, gid, home)
            : null;

    private static async Task<GuestUser?> OfAsync(string name, CancellationToken cancel) =>
        await LineAsync("passwd", name, cancel).ConfigureAwait(false) is { } fields ? Parse(fields) : null;

    private static async Task<string[]?> LineAsync(string database, string key, CancellationToken cancel)
    {
        var (exit, output) = await Tool.RunAsync("getent", ["--", database, key], cancel).ConfigureAwait(false);
        return exit == 0 ? output.Split('\n')[0].Split(':') : null;
    }
}
