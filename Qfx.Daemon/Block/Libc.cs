using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Daemon.Block;

/// <summary>What of libc the framework does not offer: loop devices, a file by its numbers, what of it was written, and when it is closed. Linux's numbers.</summary>
internal static partial class Libc
{
    public const int ReadOnly = 0x0;            // O_RDONLY
    public const int ReadWrite = 0x2;           // O_RDWR
    public const int NoFollow = 0x20000;        // O_NOFOLLOW
    public const int CloseOnExec = 0x80000;     // O_CLOEXEC, IN_CLOEXEC
    public const int PathOnly = 0x200000;       // O_PATH

    public const int EmptyPath = 0x1000;        // AT_EMPTY_PATH
    public const uint BasicStats = 0x7ff;       // STATX_BASIC_STATS
    public const int FormatMask = 0xf000;       // S_IFMT
    public const int RegularFile = 0x8000;      // S_IFREG
    public const int BlockDevice = 0x6000;      // S_IFBLK
    public const int Socket = 0xc000;           // S_IFSOCK

    public const uint ClosedAfterWriting = 0x8;    // IN_CLOSE_WRITE
    public const int Forever = -1;              // ms
    public const int SeekData = 3;              // SEEK_DATA
    public const int SeekHole = 4;              // SEEK_HOLE

    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int ENXIO = 6;
    public const int EBUSY = 16;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Stat(SafeFileHandle file, string path, int flags, uint mask, out FileStats stats);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle device, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle device, nuint request, ref LoopInfo info);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle device, nuint request, ref LoopConfig config);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial SafeFileHandle Notify(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddWatch(SafeFileHandle notify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int RemoveWatch(SafeFileHandle notify, int watch);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollEntry> entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, Span<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    /// <summary>What went wrong with the last call, in words.</summary>
    public static string Why() => Marshal.GetLastPInvokeErrorMessage();

    /// <summary>struct statx, as far as it is read: include/uapi/linux/stat.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStats
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;      // bytes
        [FieldOffset(48)] public ulong Blocks;    // of 512 bytes, allocated
        [FieldOffset(128)] public uint OfDeviceMajor;
        [FieldOffset(132)] public uint OfDeviceMinor;
        [FieldOffset(136)] public uint Major;
        [FieldOffset(140)] public uint Minor;
    }

    /// <summary>struct loop_info64: include/uapi/linux/loop.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 232)]
    internal struct LoopInfo
    {
        [FieldOffset(0)] public ulong Device;
        [FieldOffset(8)] public ulong Inode;
        [FieldOffset(24)] public ulong Offset;
        [FieldOffset(32)] public ulong SizeLimit;
        [FieldOffset(52)] public uint Flags;
    }

    /// <summary>struct loop_config: include/uapi/linux/loop.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 304)]
    internal struct LoopConfig
    {
        [FieldOffset(0)] public uint File;
        [FieldOffset(4)] public uint BlockSize;
        [FieldOffset(8)] public LoopInfo Info;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int File;
        public short Events;
        public short Happened;
    }
}
