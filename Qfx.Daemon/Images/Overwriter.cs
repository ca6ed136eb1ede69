using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Qfx.Daemon.Block;
using Qfx.Daemon.Logging;

namespace Qfx.Daemon.Images;

/// <summary>Overwrites what was written on images that are deleted, then removes them: one after the other, beside everything else.</summary>
/// <remarks>
/// With zeros, and on the disk before the file goes. A file system that never writes in place (btrfs, a snapshot below), or a disk that does not (flash), may keep the old bytes
/// all the same: where that counts the spool belongs on an encrypted volume. What is under way when the daemon ends is gone on with at its next start.
/// </remarks>
internal sealed class Overwriter : IAsyncDisposable
{
    private const int Chunk = 1 << 20;    // bytes

    private static readonly byte[] Zeros = new byte[Chunk];

    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    /// <param name="images">Whose deleted images.</param>
    /// <param name="log">Told of one that cannot be overwritten. It stays, and is tried again at the next start.</param>
    public Overwriter(ImageStore images, ILogger log) => running = Task.Run(() => RunAsync(images, log));

    /// <summary>Ends it, between two pieces of an image.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task RunAsync(ImageStore images, ILogger log)
    {
        try
        {
            await foreach (var path in images.Gone.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                try
                {
                    Overwrite(path);
                    File.Delete(path);
                    File.Delete(path + PendriveRecord.Suffix);
                    log.Overwritten(path);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    log.NotOverwritten(path, e.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The next start goes on with it.
        }
    }

    /// <summary>What is allocated, and nothing else: a hole has never been written.</summary>
    private void Overwrite(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.None);
        for (long at = 0; Seek(file, at, Libc.SeekData) is { } from;)
        {
            at = Seek(file, from, Libc.SeekHole) ?? from;
            for (; from < at; from += Chunk)
            {
                stop.Token.ThrowIfCancellationRequested();
                RandomAccess.Write(file, Zeros.AsSpan(0, (int)Math.Min(Chunk, at - from)), from);
            }
        }

        RandomAccess.FlushToDisk(file);
    }

    /// <returns>Null: from there on there is none.</returns>
    private static long? Seek(SafeFileHandle file, long from, int what)
    {
        var at = Libc.Seek(file, from, what);
        if (at >= 0) return at;
        var errno = Marshal.GetLastPInvokeError();
        return errno == Libc.ENXIO ? null : throw new IOException($"lseek: {Marshal.GetPInvokeErrorMessage(errno)}");
    }
}
