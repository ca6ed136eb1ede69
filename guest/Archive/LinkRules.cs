namespace Qfx.Guest.Archive;

/// <summary>Which links may be in an archive: those that cannot lead out of it, wherever it is unpacked.</summary>
internal static class LinkRules
{
    private const int Longest = 4095;    // bytes, PATH_MAX without its NUL

    /// <summary>
    /// A relative path that climbs first and then only descends, and climbs no higher than the top. With that no chain of
    /// links leads out: each climbs from the folder it lies in, which is a folder and no link, and what it meets while it
    /// descends is either no link or one of the same kind.
    /// </summary>
    /// <param name="name">Where the link is, from the top; parts joined by slashes.</param>
    /// <param name="to">Where it leads.</param>
    public static bool StaysInside(string name, string? to)
    {
        if (string.IsNullOrEmpty(to) || to[0] == '/' || to.Length > Longest || to.Contains('\0')) return false;
        var parts = to.Split('/').Where(part => part is not "" and not ".").ToArray();
        var up = parts.TakeWhile(part => part == "..").Count();
        return up <= name.Count(c => c == '/') && !parts.Skip(up).Contains("..");
    }
}
