using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Qfx.Guest.Raw;

namespace Qfx.Guest.Disposable;

/// <summary>What came back from a disposable VM, put in the place of the file that was sent, or beside it.</summary>
internal static partial class ReplyFile
{
    private const string Kept = " (from a disposable VM)";
    private const int MayWrite = 2;    // W_OK

    /// <summary>Writes it beside the original, and renames it over that only when it is whole. Whatever stands in the way: it is kept under a name of its own.</summary>
    /// <param name="pendrive">What has come.</param>
    /// <param name="original">The full path that was sent; null where that is not known, or nothing can be stored there: then it is kept in the home.</param>
    /// <param name="sent">The SHA-256 of what was sent, where it is known.</param>
    /// <param name="home">Where it is kept if the original's folder is gone or closed.</param>
    /// <param name="cancel">Ends it; the original is as it was.</param>
    /// <returns>Where it is, and why it is not in the place of the original; null if it is.</returns>
    /// <exception cref="GuestException">It is cut short or damaged: the original is as it was.</exception>
    /// <exception cref="IOException">It could not be written: the original is as it was.</exception>
    public static async Task<(string Path, string? Why)> TakeAsync(Stream pendrive, string? original, byte[]? sent, string home, CancellationToken cancel)
    {
        var header = await RawPendrive.ReadHeaderAsync(pendrive, cancel).ConfigureAwait(false);
        if (Path.GetDirectoryName(original) is null || Path.GetFileName(original) is null or "") original = null;
        var (part, path) = Create(original, home);
        var traits = original is null ? null : FileTraits.Of(original);
        try
        {
            string? why;
            await using (part.ConfigureAwait(false))
            {
                await RawPendrive.ReadContentAsync(pendrive, header, part, cancel).ConfigureAwait(false);
                why = original is null ? "nothing could be stored in its place" : await ObstacleAsync(original, traits, Path.GetDirectoryName(path)!, sent, cancel).ConfigureAwait(false);
                if (why is null && traits?.ApplyTo(part.SafeFileHandle) is { } error) why = $"its owner and mode cannot be kept ({error})";
                part.Flush(flushToDisk: true);
            }

            var at = original ?? header.Name;
            if (why is null) Replace(path, at);
            else at = Keep(path, at);
            SyncFolder(Path.GetDirectoryName(at)!);
            return (at, why);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Why the original cannot be replaced; null if it can.</summary>
    private static async Task<string?> ObstacleAsync(string original, FileTraits? traits, string folder, byte[]? sent, CancellationToken cancel)
    {
        if (folder != Path.GetDirectoryName(original)) return "its folder is gone, or may not be written to";
        if (traits is not { } there) return "the file that was sent is gone";
        if (!there.IsRegular || new FileInfo(original).LinkTarget is not null) return "something else is there in its place";
        if (Access(original, MayWrite) != 0) return "the file that was sent may not be written to";
        if (sent is null) return null;
        try
        {
            var (_, now) = await RawPendrive.SumAsync(original, cancel).ConfigureAwait(false);
            return now.AsSpan().SequenceEqual(sent) ? null : "the file was changed here meanwhile";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "the file that was sent cannot be read, so nobody knows whether it was changed here";
        }
    }

    /// <summary>A new file in the original's folder, else in the home.</summary>
    private static (FileStream Part, string Path) Create(string? original, string home)
    {
        var name = ".qfx-" + Guid.NewGuid().ToString("N") + ".part";
        try
        {
            return Create(Path.Combine(original is null ? home : Path.GetDirectoryName(original)!, name));
        }
        catch (Exception e) when (original is not null && e is UnauthorizedAccessException or IOException)
        {
            return Create(Path.Combine(home, name));
        }
    }

    private static (FileStream Part, string Path) Create(string path) => (new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    }), path);

    private static void Replace(string path, string original)
    {
        if (Rename(path, original) != 0) throw new IOException($"{original}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>Under a clear name that nothing has yet: link(2) takes no name that is taken.</summary>
    private static string Keep(string path, string original)
    {
        var folder = Path.GetDirectoryName(path)!;
        for (var i = 1; ; i++)
        {
            var kept = Path.Combine(folder, KeptName(Path.GetFileName(original), i));
            if (Link(path, kept) == 0)
            {
                File.Delete(path);
                return kept;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == AlreadyThere || Path.Exists(kept)) continue;
            if (error is not (NotPermitted or NotSupported)) throw new IOException($"{kept}: {Marshal.GetPInvokeErrorMessage(error)}");
            Replace(path, kept);    // a file system without links, such as vfat
            return kept;
        }
    }

    /// <summary><c>report (from a disposable VM).txt</c>.</summary>
    internal static string KeptName(string name, int number)
    {
        var mark = number == 1 ? Kept : Kept + string.Create(CultureInfo.InvariantCulture, $" {number}");
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 && name.Length - dot <= 10 ? (name[..dot], name[dot..]) : (name, "");
        var room = RawHeader.MaxName - Encoding.UTF8.GetByteCount(mark + extension);
        return Encoding.UTF8.GetString(RawHeader.Fit(Encoding.UTF8.GetBytes(stem), room)) + mark + extension;
    }

    /// <summary>The name is on disk too. A file system that cannot say so is none of ours to mend.</summary>
    private static void SyncFolder(string folder)
    {
        using var handle = Open(folder, FolderReadOnly);
        if (!handle.IsInvalid) _ = Fsync(handle);
    }

    private const int AlreadyThere = 17;            // EEXIST
    private const int NotPermitted = 1;             // EPERM: what link(2) says on vfat
    private const int NotSupported = 95;            // EOPNOTSUPP
    private const int FolderReadOnly = 0x90000;     // O_RDONLY | O_DIRECTORY | O_CLOEXEC

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int how);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial Microsoft.Win32.SafeHandles.SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(Microsoft.Win32.SafeHandles.SafeFileHandle file);
}
