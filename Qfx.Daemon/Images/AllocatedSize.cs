using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Qfx.Daemon.Images;

/// <summary>How much of a sparse file is really there. Nothing of the file is read.</summary>
internal static partial class AllocatedSize
{
    private const int AtFdCwd = -100;
    private const int NoFollow = 0x100;
    private const uint Blocks = 0x400;

    /// <summary>struct statx is 256 bytes long, with the number of 512-byte blocks at byte 48. statx(2).</summary>
    private const int StatxSize = 256;

    private const int BlocksAt = 48;

    /// <summary>Bytes on disk; null where there is no such file.</summary>
    public static long? Of(string path)
    {
        Span<byte> statx = stackalloc byte[StatxSize];
        return StatX(AtFdCwd, path, NoFollow, Blocks, statx) == 0 ? BinaryPrimitives.ReadInt64LittleEndian(statx[BlocksAt..]) * 512 : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> statx);
}
