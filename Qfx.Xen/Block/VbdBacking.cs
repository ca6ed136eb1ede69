using System.Globalization;

namespace Qfx.Xen.Block;

/// <summary>A file, whatever it is called: the number of its file system's device and of its inode.</summary>
/// <param name="Device">As <c>stat</c> and the loop driver give it.</param>
/// <param name="Inode">Not used for another file while something holds this one.</param>
public readonly record struct FileId(ulong Device, ulong Inode)
{
    /// <summary>Both numbers in decimal, with a blank between.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device} {Inode}");
}

/// <summary>What stands behind a disk: a block device of dom0 over an image.</summary>
/// <param name="File">The image, by absolute path.</param>
/// <param name="Id">The same by its numbers.</param>
/// <param name="Node">The block device, such as <c>/dev/loop0</c>.</param>
/// <param name="Major">Its major number.</param>
/// <param name="Minor">Its minor number.</param>
public sealed record VbdBacking(string File, FileId Id, string Node, int Major, int Minor);
