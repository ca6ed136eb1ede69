using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Disposable;

/// <summary>What of a file stays when its contents are replaced: mode, owner, times. statx(2), fchown(2), fchmod(2), futimens(2).</summary>
internal readonly partial struct FileTraits
{
    private const int WorkingFolder = -100;      // AT_FDCWD
    private const int EmptyPath = 0x1000;        // AT_EMPTY_PATH
    private const uint BasicStatus = 0x7FF;      // STATX_BASIC_STATS
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    private readonly Statx status;

    private FileTraits(Statx status) => this.status = status;

    public bool IsRegular => (status.Mode & TypeMask) == RegularFile;

    /// <summary>Of what a path leads to; null where nothing is.</summary>
    public static FileTraits? Of(string path) => StatPath(WorkingFolder, path, 0, BasicStatus, out var status) == 0 ? new(status) : null;

    /// <summary>Of an open file.</summary>
    public static FileTraits? Of(SafeFileHandle file) => StatFile(file, "", EmptyPath, BasicStatus, out var status) == 0 ? new(status) : null;

    /// <summary>Gives them to another file.</summary>
    /// <returns>Null, or what went wrong: only root may give a file to somebody else.</returns>
    public string? ApplyTo(SafeFileHandle file)
    {
        ReadOnlySpan<Timespec> times = [status.Accessed, status.Modified];
        return Of(file) is { } now && (now.status.User != status.User || now.status.Group != status.Group) && Chown(file, status.User, status.Group) != 0
            || Chmod(file, status.Mode & 0xFFFu) != 0
            || SetTimes(file, times) != 0
                ? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())
                : null;
    }

    /// <summary>struct timespec, and the first twelve bytes of struct statx_timestamp.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct statx, as far as it is used. The nanoseconds are 32 bits, followed by a reserved zero.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(64)]
        public Timespec Accessed;

        [FieldOffset(112)]
        public Timespec Modified;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatPath(int folder, string path, int flags, uint mask, out Statx status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatFile(SafeFileHandle folder, string path, int flags, uint mask, out Statx status);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Chown(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int Chmod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(SafeFileHandle file, ReadOnlySpan<Timespec> times);
}
