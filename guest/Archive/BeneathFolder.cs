using Microsoft.Win32.SafeHandles;
using Qfx.Guest.Host;

namespace Qfx.Guest.Archive;

/// <summary>A folder that nothing leads out of: every path is looked up below it, and no link is followed. openat2(2).</summary>
internal sealed class BeneathFolder : IDisposable
{
    private const ulong NoMagicLinks = 0x02;    // RESOLVE_NO_MAGICLINKS
    private const ulong NoLinks = 0x04;         // RESOLVE_NO_SYMLINKS
    private const ulong Beneath = 0x08;         // RESOLVE_BENEATH
    private const uint OwnerOnly = 0x1C0;       // 0700
    private const uint OwnerFile = 0x180;       // 0600

    private readonly SafeFileHandle folder;

    // The folder that was used last: what is unpacked comes folder by folder.
    private (string Name, SafeFileHandle Handle)? last;

    private BeneathFolder(SafeFileHandle folder) => this.folder = folder;

    /// <summary>One that is there, and no link.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static BeneathFolder Open(string path)
    {
        var handle = Libc.Open(path, Libc.ReadOnly | Libc.DirectoryOnly | Libc.NoFollow | Libc.CloseOnExec);
        return handle.IsInvalid ? throw Failed(path) : new(handle);
    }

    /// <summary>A folder below, made if it is not there.</summary>
    /// <exception cref="IOException">It could not be made, or a link or a file is in its place.</exception>
    public BeneathFolder Enter(string name)
    {
        if (Libc.MakeFolderAt(folder, name, OwnerOnly) != 0 && Libc.LastErrno != Libc.EEXIST) throw Failed(name);
        return new(OpenBelow(name, Libc.ReadOnly | Libc.DirectoryOnly));
    }

    /// <summary>A new folder, for its owner alone until <see cref="Finish"/>.</summary>
    /// <exception cref="IOException">Something is there, or its parent is not.</exception>
    public void MakeFolder(string path)
    {
        var (parent, name) = Split(path);
        if (Libc.MakeFolderAt(parent, name, OwnerOnly) != 0) throw Failed(path);
    }

    /// <summary>A new file, for its owner alone.</summary>
    /// <exception cref="IOException">Something is there, or its parent is not.</exception>
    public SafeFileHandle CreateFile(string path)
    {
        var (parent, name) = Split(path);
        return Open(parent, name, Libc.WriteOnly | Libc.Create | Libc.Exclusive, OwnerFile);
    }

    /// <exception cref="IOException">Something is there, or its parent is not.</exception>
    public void MakeLink(string path, string to)
    {
        var (parent, name) = Split(path);
        if (Libc.SymbolicLinkAt(to, parent, name) != 0) throw Failed(path);
    }

    /// <summary>A second name for a file below.</summary>
    /// <exception cref="IOException">Something is there, or the file is not.</exception>
    public void MakeSecondName(string path, string of)
    {
        var (parent, name) = Split(path);
        var slash = of.LastIndexOf('/');
        using var other = slash < 0 ? null : OpenBelow(of[..slash], Libc.PathOnly | Libc.DirectoryOnly);
        if (Libc.HardLinkAt(other ?? folder, of[(slash + 1)..], parent, name, 0) != 0) throw Failed(path);
    }

    /// <summary>Gives a folder the rights and the time that it should have.</summary>
    public void Finish(string path, UnixFileMode mode, DateTimeOffset modified)
    {
        using var handle = OpenBelow(path, Libc.ReadOnly | Libc.DirectoryOnly);
        File.SetLastWriteTimeUtc(handle, modified.UtcDateTime);
        if (Libc.SetMode(handle, (uint)mode) != 0) throw Failed(path);
    }

    /// <summary>Moves something of this folder into another one, under the first name that is free there.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="IOException">It could not be moved.</exception>
    public string MoveTo(BeneathFolder other, string name, IEnumerable<string> names)
    {
        foreach (var candidate in names)
        {
            if (Libc.RenameAt(folder, name, other.folder, candidate, Libc.NoReplace) == 0) return candidate;
            if (Libc.LastErrno != Libc.EEXIST) throw Failed(name);
        }

        throw new IOException($"{name}: too many of this name are there already");
    }

    /// <summary>Everything of its file system is on the disk when this ends.</summary>
    public void Sync()
    {
        if (Libc.SyncFileSystem(folder) != 0) throw Failed("sync");
    }

    public void Dispose()
    {
        last?.Handle.Dispose();
        folder.Dispose();
    }

    private (SafeFileHandle Parent, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0) return (folder, path);
        var parent = path[..slash];
        if (last is { } cached && cached.Name == parent) return (cached.Handle, path[(slash + 1)..]);
        var handle = OpenBelow(parent, Libc.PathOnly | Libc.DirectoryOnly);
        last?.Handle.Dispose();
        last = (parent, handle);
        return (handle, path[(slash + 1)..]);
    }

    private SafeFileHandle OpenBelow(string path, int flags) => Open(folder, path, flags, 0);

    private static SafeFileHandle Open(SafeFileHandle folder, string path, int flags, uint mode)
    {
        var handle = Libc.OpenAt2(folder, path, new()
        {
            Flags = (ulong)(flags | Libc.NoFollow | Libc.CloseOnExec),
            Mode = mode,
            Resolve = Beneath | NoLinks | NoMagicLinks,
        });
        return handle.IsInvalid ? throw Failed(path) : handle;
    }

    private static IOException Failed(string path) => new($"{path}: {Libc.LastError}");
}
