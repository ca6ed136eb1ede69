using Qfx.Guest.Progress;

namespace Qfx.Guest.Copying;

/// <summary>Puts what was planned under a folder, with the times that it has. The folder is empty: nothing is ever written over.</summary>
internal static class TreeCopy
{
    private const int BufferSize = 128 * 1024;    // bytes; more does not fit into the caches, and is slower

    /// <exception cref="GuestException">A file could not be read or written, or became shorter meanwhile.</exception>
    public static void Run(Plan plan, string to, Meter meter, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        meter.Add(0);
        foreach (var item in plan.Items)
        {
            cancel.ThrowIfCancellationRequested();
            var target = Path.Combine(to, item.Target);
            try
            {
                if (item.Status.Kind == FileKind.Folder) Directory.CreateDirectory(target);
                else CopyFile(item, target, buffer, meter, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GuestException(ExitCode.Failed, $"{item.Source} could not be copied: {e.Message}", e);
            }
        }

        // After all that is in them, and from below: a write into a folder changes its time.
        foreach (var folder in plan.Items.Reverse().Where(item => item.Status.Kind == FileKind.Folder))
            SetTime(() => Directory.SetLastWriteTimeUtc(Path.Combine(to, folder.Target), folder.Status.Modified.UtcDateTime));
    }

    private static void CopyFile(Item item, string target, byte[] buffer, Meter meter, CancellationToken cancel)
    {
        using var source = SourceFile.Open(item);
        using var copy = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        for (var at = 0L; at < item.Bytes;)
        {
            cancel.ThrowIfCancellationRequested();
            var read = SourceFile.Read(source, item, buffer, at);
            RandomAccess.Write(copy, buffer.AsSpan(0, read), at);
            at += read;
            meter.Add(read);
        }

        SetTime(() => File.SetLastWriteTimeUtc(copy, item.Status.Modified.UtcDateTime));
    }

    /// <summary>FAT knows 1980 to 2107: what lies outside is no reason not to send a file.</summary>
    private static void SetTime(Action set)
    {
        try
        {
            set();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The contents are over there; the time is the copy's own.
        }
    }
}
