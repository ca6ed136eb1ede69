using Qfx.Daemon.Block;

namespace Qfx.Daemon.Images;

/// <summary>What a file takes of the disk.</summary>
internal static class FileUsage
{
    private const long Block = 512;    // bytes: statx(2), stx_blocks

    /// <summary>Bytes that are allocated: a sparse file takes less than it is long. 0 for one that is gone.</summary>
    public static long AllocatedBytes(string path) => Of(path).Allocated;

    /// <summary>Bytes that are allocated, and how long it is. Both 0 for one that is gone.</summary>
    public static (long Allocated, long Length) Of(string path)
    {
        using var file = Libc.Open(path, Libc.PathOnly | Libc.NoFollow | Libc.CloseOnExec);
        return !file.IsInvalid && Libc.Stat(file, "", Libc.EmptyPath, Libc.BasicStats, out var stats) == 0 ? ((long)stats.Blocks * Block, (long)stats.Size) : default;
    }
}
