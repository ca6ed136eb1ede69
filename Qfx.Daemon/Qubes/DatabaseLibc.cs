using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Daemon.Qubes;

/// <summary>The system calls that a change of the list is made of, each by itself, so that a test can end the world before any of them.</summary>
internal interface IDatabaseCalls
{
    /// <summary>open(2).</summary>
    SafeFileHandle Open(string path, int flags);

    /// <summary>pwrite(2).</summary>
    /// <returns>How many bytes were written.</returns>
    int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>fallocate(2) with FALLOC_FL_KEEP_SIZE: room, so that a write within it does not run out of space.</summary>
    void Reserve(SafeFileHandle file, long length);

    /// <summary>ftruncate(2).</summary>
    void Truncate(SafeFileHandle file, long length);

    /// <summary>fsync(2).</summary>
    void Sync(SafeFileHandle file);

    /// <summary>unlink(2).</summary>
    void Remove(string path);
}

/// <summary>Linux's own. Errors are <see cref="IOException"/> with the call and its reason.</summary>
internal sealed partial class DatabaseLibc : IDatabaseCalls
{
    public const int ReadWrite = 0x80002;                // O_RDWR | O_CLOEXEC
    public const int CreateNew = 0xA00C2;                // O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    public const int Folder = 0x90000;                   // O_RDONLY | O_DIRECTORY | O_CLOEXEC

    private const uint OwnerOnly = 0b110_000_000;
    private const int KeepSize = 1;                      // FALLOC_FL_KEEP_SIZE
    private const int NoSpace = 28;                      // ENOSPC

    public SafeFileHandle Open(string path, int flags)
    {
        var file = OpenFile(path, flags, OwnerOnly);
        return file.IsInvalid ? throw Failed($"{path} cannot be opened") : file;
    }

    public int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) =>
        WriteAt(file, bytes, bytes.Length, offset) is >= 0 and var written ? (int)written : throw Failed("write");

    public void Reserve(SafeFileHandle file, long length)
    {
        // Only a lack of space matters: not every file system can do this.
        if (Allocate(file, KeepSize, 0, length) != 0 && Marshal.GetLastPInvokeError() == NoSpace) throw Failed("reserving space");
    }

    public void Truncate(SafeFileHandle file, long length)
    {
        if (TruncateFile(file, length) != 0) throw Failed("truncate");
    }

    public void Sync(SafeFileHandle file)
    {
        if (SyncFile(file) != 0) throw Failed("sync");
    }

    public void Remove(string path)
    {
        if (Unlink(path) != 0) throw Failed($"{path} cannot be removed");
    }

    private static IOException Failed(string what) => new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int TruncateFile(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unlink(string path);
}
