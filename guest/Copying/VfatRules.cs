using Qfx.Guest.Host;

namespace Qfx.Guest.Copying;

/// <summary>What a vfat volume can hold. Linux, Documentation/filesystems/vfat.rst, and Microsoft's FAT specification of 2005.</summary>
internal sealed class VfatRules : ITargetRules
{
    /// <summary>Bytes: the size of a file is 32 bits wide.</summary>
    public const long LargestFile = uint.MaxValue;

    private const int LongestName = 255;            // UTF-16 units
    private const int SlotsPerFolder = 65_535;      // a folder has at most 2 MiB of entries, 32 bytes each
    private const int SlotsAtFat16Top = 512;
    private const int UnitsPerSlot = 13;
    private const int SlotBytes = 32;
    private const int Fat32FromMiB = 512;
    private const long MiBytes = 1024 * 1024;

    private static readonly System.Buffers.SearchValues<char> Reserved = System.Buffers.SearchValues.Create("\"*/:<>?\\|");

    public StringComparer Names => StringComparer.OrdinalIgnoreCase;

    public string? Fault(Item item) => item.Status.Kind switch
    {
        FileKind.Link => "is a link",
        FileKind.Device => "is a device",
        FileKind.Pipe => "is a pipe",
        FileKind.Socket => "is a socket",
        FileKind.Other => "is neither a file nor a folder",
        FileKind.File when item.Status.Size > LargestFile => $"has {Sizes.Of(item.Status.Size)}, 4 GiB minus one byte is the most",
        _ => NameFault(item.Name),
    };

    public string? FolderFault(bool atTop, IReadOnlyList<string> names) =>
        names.Sum(Slots) + 2 > SlotsPerFolder ? "has more names in it than one folder can hold" : null;

    public int MiB(IReadOnlyList<Item> items)
    {
        // The larger a volume, the larger its clusters: from what fits on a small one, up.
        foreach (var (upTo, cluster) in new[] { (Fat32FromMiB - 1, 8 * 1024), (8 * 1024, 4 * 1024), (16 * 1024, 8 * 1024), (int.MaxValue, 32 * 1024) })
        {
            var mib = Math.Max(MiBWith(items, cluster), ITargetRules.SmallestMiB);
            var top = items.Where(item => item.Folder.Length == 0).Sum(item => Slots(item.Name));
            if (mib < Fat32FromMiB && top + 1 > SlotsAtFat16Top) mib = Fat32FromMiB;
            if (mib <= upTo) return mib;
        }

        throw new InvalidOperationException("The last size has no limit.");
    }

    /// <summary>Bytes that these take on a volume with clusters of so many bytes.</summary>
    internal static long Taken(IReadOnlyList<Item> items, int cluster)
    {
        static long Up(long bytes, long unit) => (bytes + unit - 1) / unit * unit;
        var folders = items.GroupBy(item => item.Folder).Sum(folder => Up((folder.Sum(item => Slots(item.Name)) + 2L) * SlotBytes, cluster));
        var empty = items.Count(item => item.Status.Kind == FileKind.Folder) * (long)cluster;
        return items.Sum(item => Up(item.Bytes, cluster)) + folders + empty;
    }

    /// <summary>Entries that a name takes in its folder: one for the short name, and one for each 13 units of the long one.</summary>
    private static int Slots(string name) => 1 + ((name.Length + UnitsPerSlot - 1) / UnitsPerSlot);

    /// <summary>Two tables of four bytes a cluster, the sectors before them, and a little room.</summary>
    private static int MiBWith(IReadOnlyList<Item> items, int cluster)
    {
        var taken = Taken(items, cluster);
        var tables = ((taken / cluster) + 1024) * 8;
        return checked((int)((taken + tables + (2 * MiBytes) + MiBytes - 1) / MiBytes));
    }

    private static string? NameFault(string name)
    {
        if (name.AsSpan().IndexOfAny(Reserved) is >= 0 and var at) return $"has a {name[at]} in its name";
        if (name.Any(c => c < ' ')) return "has a control character in its name";
        if (name[^1] is '.' or ' ') return $"ends with a {(name[^1] == '.' ? "dot" : "blank")}";
        if (name.Length > LongestName) return $"has a name of {name.Length} characters, {LongestName} are the most";
        return null;
    }
}
