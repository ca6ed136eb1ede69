using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Daemon.Qubes;

/// <summary>Whether an open file is still what a path leads to.</summary>
internal static partial class SameFile
{
    private const int WorkingFolder = -100;     // AT_FDCWD
    private const int EmptyPath = 0x1000;       // AT_EMPTY_PATH
    private const uint Inode = 0x100;           // STATX_INO

    /// <exception cref="IOException">Nothing is there any more.</exception>
    public static bool IsAt(SafeFileHandle file, string path)
    {
        Span<byte> opened = stackalloc byte[256];
        Span<byte> there = stackalloc byte[256];
        if (StatOpen(file, "", EmptyPath, Inode, opened) != 0 || Stat(WorkingFolder, path, 0, Inode, there) != 0)
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        return Identity(opened) == Identity(there);
    }

    /// <summary>stx_ino, stx_dev_major and stx_dev_minor of struct statx, linux/stat.h.</summary>
    private static (ulong Inode, ulong Device) Identity(ReadOnlySpan<byte> statx) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(statx[32..]), BinaryPrimitives.ReadUInt64LittleEndian(statx[136..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatOpen(SafeFileHandle folder, string path, int flags, uint mask, Span<byte> result);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Stat(int folder, string path, int flags, uint mask, Span<byte> result);
}
