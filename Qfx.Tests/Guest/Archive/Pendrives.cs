using System.Formats.Tar;
using Qfx.Guest.Archive;
using Qfx.Guest.Copying;
using Qfx.Guest.Progress;
using Qfx.Tests.Support;

namespace Qfx.Tests.Guest.Archive;

/// <summary>Archive pendrives that are files, made by our writer or by hand.</summary>
internal static class Pendrives
{
    public static readonly UnpackLimits NoLimits = new(1L << 40, 1_000_000);

    public static UnixFileMode Mode => UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>What qvm-copy-to-vm --archive writes.</summary>
    public static Plan Write(string device, params string[] paths)
    {
        using (var file = File.OpenHandle(device, FileMode.CreateNew, FileAccess.Write)) RandomAccess.SetLength(file, 64 * 1024 * 1024);
        var plan = Scan.Of(paths, new ArchiveRules(), follow: false, CancellationToken.None);
        ArchiveWriter.Write(device, plan, new(plan.Bytes, new NoProgress(), TimeProvider.System), CancellationToken.None);
        return plan;
    }

    /// <summary>A pendrive of entries as somebody else would write them, with a header that fits, unless another one is wanted.</summary>
    public static byte[] Of(IEnumerable<TarEntry> entries, Func<ArchiveHeader, ArchiveHeader>? header = null)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[ArchiveHeader.Size]);
        var (count, contents) = (0, 0L);
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                count++;
                contents += entry.DataStream?.Length ?? 0;
                tar.WriteEntry(entry);
            }
        }

        var honest = new ArchiveHeader(stream.Length - ArchiveHeader.Size, contents, count);
        (header?.Invoke(honest) ?? honest).ToBlock().CopyTo(stream.GetBuffer(), 0);
        return stream.ToArray();
    }

    public static TarEntry File_(string name, byte[] contents, UnixFileMode? mode = null) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(contents), Mode = mode ?? Mode };

    public static TarEntry Folder(string name) => new PaxTarEntry(TarEntryType.Directory, name) { Mode = Mode | UnixFileMode.UserExecute };

    public static TarEntry Link(string name, string to, TarEntryType type = TarEntryType.SymbolicLink) => new PaxTarEntry(type, name) { LinkName = to };

    /// <summary>Takes it as the receiver does.</summary>
    /// <returns>What is said of it.</returns>
    public static UnpackReport Take(TempFolder home, byte[] pendrive, UnpackLimits? limits = null) =>
        IncomingFolder.Take(new MemoryStream(pendrive), home.Path, "work", limits ?? NoLimits, CancellationToken.None).Report;
}
