using System.Formats.Tar;
using System.Text;
using Qfx.Guest.Host;

namespace Qfx.Guest.Archive;

/// <summary>Unpacks what another VM has sent, entry by entry, into a hidden folder whose contents are moved out at the end.</summary>
/// <remarks>
/// Every byte is hostile. Nothing is ever written over, nothing outside, no bit but those of rwx is taken over, and
/// not for group and others to write. Links come last, hard ones first: while files are written there is no link.
/// </remarks>
internal sealed class Unpacker(BeneathFolder hidden, UnpackLimits limits, CancellationToken cancel)
{
    private const int BufferSize = 1024 * 1024;                            // bytes
    private const int Hole = 64 * 1024;                                    // zeros from so many bytes on are left out
    private const UnixFileMode ModeMask = (UnixFileMode)0b111_101_101;     // rwxr-xr-x

    private readonly byte[] buffer = new byte[BufferSize];
    private readonly List<(string Path, UnixFileMode Mode, DateTimeOffset Modified)> folders = [];
    private readonly List<(string Path, string To)> links = [];
    private readonly List<(string Path, string Of)> secondNames = [];
    private readonly List<string> tops = [];
    private long bytes;
    private int entries;
    private int files;
    private int dropped;

    /// <summary>Reads the header and the archive after it.</summary>
    /// <param name="source">A pendrive, from its start.</param>
    /// <param name="final">Where all of it goes when it is whole and on the disk.</param>
    /// <exception cref="GuestException">It is no archive, broken, too large, or does not fit; the final folder is as it was.</exception>
    public UnpackReport Run(Stream source, BeneathFolder final)
    {
        try
        {
            var block = new byte[ArchiveHeader.Size];
            source.ReadExactly(block);
            var header = ArchiveHeader.Read(block) ?? throw Bad("there is no archive on the pendrive, or not all of it");
            if (header.Contents > limits.Bytes) throw Bad($"it has {Sizes.Of(header.Contents)}, and the quota is {Sizes.Of(limits.Bytes)} (quota_mib)");
            if (header.Entries > limits.Entries) throw Bad($"it has {header.Entries} files, and the quota is {limits.Entries} (quota_files)");
            using (var tar = new TarReader(new BufferedStream(new BoundedStream(source, header.Length), BufferSize)))
            {
                while (tar.GetNextEntry() is { } entry) Take(entry);
            }

            if (bytes != header.Contents || entries != header.Entries) throw Bad("it is not as long as it says");
            return Finish(final);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or NotSupportedException or InvalidOperationException
            or ArgumentException or UnauthorizedAccessException or OverflowException)
        {
            throw new GuestException(ExitCode.Failed, $"The archive was not unpacked: {e.Message}", e);
        }
    }

    private void Take(TarEntry entry)
    {
        cancel.ThrowIfCancellationRequested();
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) return;
        if (++entries > limits.Entries) throw Bad($"it has more than {limits.Entries} files (quota_files)");
        var path = PathOf(entry.Name);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                hidden.MakeFolder(path);
                folders.Add((path, entry.Mode & ModeMask, entry.ModificationTime));
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                TakeFile(path, entry);
                break;
            case TarEntryType.SymbolicLink when LinkRules.StaysInside(path, entry.LinkName):
                links.Add((path, entry.LinkName));
                break;
            case TarEntryType.HardLink:
                secondNames.Add((path, PathOf(entry.LinkName)));
                break;
            default:
                dropped++;
                return;
        }

        if (!path.Contains('/')) tops.Add(path);
    }

    private void TakeFile(string path, TarEntry entry)
    {
        using var file = hidden.CreateFile(path);
        var (at, end) = (0L, 0L);
        while (entry.DataStream?.Read(buffer) is > 0 and var read)
        {
            cancel.ThrowIfCancellationRequested();
            bytes += read;
            if (bytes > limits.Bytes) throw Bad($"it has more than {Sizes.Of(limits.Bytes)} (quota_mib)");
            for (var i = 0; i < read; i += Hole)
            {
                var piece = buffer.AsSpan(i, Math.Min(Hole, read - i));
                if (!piece.ContainsAnyExcept((byte)0)) continue;
                RandomAccess.Write(file, piece, at + i);
                end = at + i + piece.Length;
            }

            at += read;
        }

        if (end < at) RandomAccess.SetLength(file, at);    // it ends with a hole
        files++;
        File.SetLastWriteTimeUtc(file, entry.ModificationTime.UtcDateTime);
        if (Libc.SetMode(file, (uint)(entry.Mode & ModeMask)) != 0) throw new IOException($"{path}: {Libc.LastError}");
    }

    private UnpackReport Finish(BeneathFolder final)
    {
        foreach (var (path, of) in secondNames) hidden.MakeSecondName(path, of);
        foreach (var (path, to) in links) hidden.MakeLink(path, to);
        folders.Reverse();
        foreach (var (path, mode, modified) in folders.Where(folder => folder.Path.Contains('/'))) hidden.Finish(path, mode, modified);
        hidden.Sync();

        // A folder that its owner may not write to cannot be moved, so those at the top get their rights afterwards.
        var names = tops.ToDictionary(top => top, top => hidden.MoveTo(final, top, NewNames.Of(top)), StringComparer.Ordinal);
        foreach (var (path, mode, modified) in folders.Where(folder => !folder.Path.Contains('/'))) final.Finish(names[path], mode, modified);
        final.Sync();
        return new(files, bytes, [.. names.Values], dropped);
    }

    /// <summary>A name that cannot lead anywhere else.</summary>
    private static string PathOf(string name)
    {
        if (name.StartsWith('/')) throw Bad("a name in it starts at the root");
        if (name.Any(char.IsControl)) throw Bad("a name in it has control characters");
        if (Encoding.UTF8.GetByteCount(name) > ArchiveRules.LongestName) throw Bad("a name in it is too long");
        var parts = name.Split('/').Where(part => part is not "" and not ".").ToArray();
        if (parts.Length == 0) throw Bad("an entry in it has no name");
        return parts.Contains("..") ? throw Bad("a name in it leads out of it") : string.Join('/', parts);
    }

    private static InvalidDataException Bad(string why) => new(why);
}
