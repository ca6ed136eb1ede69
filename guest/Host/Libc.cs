using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Host;

/// <summary>What of libc the framework does not offer. Linux's numbers, as on x86-64.</summary>
internal static partial class Libc
{
    public const int ReadOnly = 0x0;            // O_RDONLY
    public const int WriteOnly = 0x1;           // O_WRONLY
    public const int Create = 0x40;             // O_CREAT
    public const int Exclusive = 0x80;          // O_EXCL
    public const int NoTerminal = 0x100;        // O_NOCTTY
    public const int NonBlocking = 0x800;       // O_NONBLOCK
    public const int DirectoryOnly = 0x10000;   // O_DIRECTORY
    public const int NoFollow = 0x20000;        // O_NOFOLLOW
    public const int CloseOnExec = 0x80000;     // O_CLOEXEC
    public const int PathOnly = 0x200000;       // O_PATH

    public const int AtCurrent = -100;          // AT_FDCWD
    public const int AtNoFollow = 0x100;        // AT_SYMLINK_NOFOLLOW
    public const int AtRemoveFolder = 0x200;    // AT_REMOVEDIR
    public const int AtEmptyPath = 0x1000;      // AT_EMPTY_PATH

    public const int NoReplace = 1;             // RENAME_NOREPLACE
    public const int MayRead = 4;               // R_OK
    public const int MayWrite = 2;              // W_OK
    public const int MayEnter = 1;              // X_OK
    public const uint BasicStatus = 0x7FF;      // STATX_BASIC_STATS

    public const int ENOENT = 2;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int ELOOP = 40;

    /// <summary>The words for what went wrong in the last call.</summary>
    public static string LastError => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    public static int LastErrno => Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags, uint mode = 0);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int how);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int folder, string path, int flags, uint mask, out StatxBuffer status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int file);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolderAt(SafeFileHandle folder, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SymbolicLinkAt(string to, SafeFileHandle folder, string name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int HardLinkAt(SafeFileHandle oldFolder, string oldName, SafeFileHandle newFolder, string newName, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt(SafeFileHandle oldFolder, string oldName, SafeFileHandle newFolder, string newName, uint flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int SetMode(SafeFileHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(SafeFileHandle file);

    /// <summary>openat2(2), which the C library does not wrap: syscall 437 on every architecture, since Linux 5.6.</summary>
    public static SafeFileHandle OpenAt2(SafeFileHandle folder, string path, OpenHow how)
    {
        var added = false;
        try
        {
            folder.DangerousAddRef(ref added);
            return new(OpenAt2(OpenAt2Number, folder.DangerousGetHandle(), path, how, Marshal.SizeOf<OpenHow>()), ownsHandle: true);
        }
        finally
        {
            if (added) folder.DangerousRelease();
        }
    }

    private const nint OpenAt2Number = 437;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenAt2(nint number, nint folder, string path, in OpenHow how, nint size);

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(48)]
        public ulong Blocks;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
