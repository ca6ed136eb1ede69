using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qfx.Xen.Store;

namespace Qfx.Xen.Connection;

/// <summary>What of libc the framework does not offer: a device opened, polled and read without blocking. Linux's numbers.</summary>
internal static partial class Libc
{
    public const int ReadWrite = 0x2;           // O_RDWR
    public const int NoTerminal = 0x100;        // O_NOCTTY
    public const int NonBlocking = 0x800;       // O_NONBLOCK, EFD_NONBLOCK
    public const int CloseOnExec = 0x80000;     // O_CLOEXEC, EFD_CLOEXEC

    public const short PollIn = 0x1;            // POLLIN
    public const int Forever = -1;              // ms

    public const int EINTR = 4;
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int ENODEV = 19;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, Span<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollEntry> entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial SafeFileHandle EventFd(uint count, int flags);

    /// <summary>The name of an errno as xenstored would send it; EIO for one that it has no name for.</summary>
    /// <remarks>include/uapi/asm-generic/errno-base.h and errno.h.</remarks>
    public static XsError Error(int errno) => errno switch
    {
        1 => XsError.EPERM,
        2 => XsError.ENOENT,
        7 => XsError.E2BIG,
        EAGAIN => XsError.EAGAIN,
        12 => XsError.ENOMEM,
        13 => XsError.EACCES,
        16 => XsError.EBUSY,
        17 => XsError.EEXIST,
        21 => XsError.EISDIR,
        22 => XsError.EINVAL,
        28 => XsError.ENOSPC,
        30 => XsError.EROFS,
        38 => XsError.ENOSYS,
        39 => XsError.ENOTEMPTY,
        106 => XsError.EISCONN,
        _ => XsError.EIO,
    };

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int File;
        public short Events;
        public short Happened;
    }
}
