using System.Text;
using Qfx.Guest.Copying;

namespace Qfx.Guest.Archive;

/// <summary>What an archive pendrive can hold: every name, size and mode, and links that stay inside.</summary>
internal sealed class ArchiveRules : ITargetRules
{
    /// <summary>Bytes of a whole name.</summary>
    public const int LongestName = 4000;

    private const long MiBytes = 1024 * 1024;
    private const int Block = 512;
    private const int Headers = 4 * Block;    // of an entry, and of its extended attributes, but for a long name

    public StringComparer Names => StringComparer.Ordinal;

    public string? Fault(Item item) => item.Status.Kind switch
    {
        FileKind.Link when !LinkRules.StaysInside(item.Target, item.LinkTo) => "is a link that leads out of what is sent",
        FileKind.Device => "is a device",
        FileKind.Pipe => "is a pipe",
        FileKind.Socket => "is a socket",
        FileKind.Other => "is neither a file, a folder nor a link",
        _ => NameFault(item.Target),
    };

    public string? FolderFault(bool atTop, IReadOnlyList<string> names) => null;

    public int MiB(IReadOnlyList<Item> items)
    {
        var taken = items.Sum(item => Headers + (2L * item.Target.Length * 4) + ((item.LinkTo?.Length ?? 0) * 8L) + ((item.Bytes + Block - 1) / Block * Block));
        return Math.Max(ITargetRules.SmallestMiB, checked((int)((taken + ArchiveHeader.Size + (2 * MiBytes) - 1) / MiBytes)));
    }

    private static string? NameFault(string name) =>
        name.Any(char.IsControl) ? "has a control character in its name"
        : Encoding.UTF8.GetByteCount(name) > LongestName ? $"has a path of more than {LongestName} bytes"
        : null;
}
