using System.Threading.Channels;

namespace Qfx.Guest.Host;

/// <summary>Waits for a disk to appear, or to go, without asking again and again.</summary>
internal static class Device
{
    /// <summary>Ends when the disk is there.</summary>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static Task AppearedAsync(string path, TimeSpan limit, TimeProvider time, CancellationToken cancel) =>
        UntilAsync(path, () => File.Exists(path), limit, time, cancel);

    /// <summary>Ends when the disk is there and this user may write to it: udev gives it to the group a moment after it has come.</summary>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static Task WritableAsync(string path, TimeSpan limit, TimeProvider time, CancellationToken cancel) =>
        UntilAsync(path, () => Libc.Access(path, Libc.MayWrite) == 0, limit, time, cancel);

    /// <summary>Ends when the disk is there no longer.</summary>
    public static Task GoneAsync(string path, CancellationToken cancel) =>
        UntilAsync(path, () => !File.Exists(path), Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);

    private static async Task UntilAsync(string path, Func<bool> isSo, TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(folder, Path.GetFileName(path));
        watcher.NotifyFilter = NotifyFilters.FileName | NotifyFilters.Attributes;
        watcher.Created += (_, _) => changes.Writer.TryWrite(true);
        watcher.Deleted += (_, _) => changes.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => changes.Writer.TryWrite(true);
        watcher.Changed += (_, _) => changes.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        using var limited = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancel);
        try
        {
            // Looked at after the watch has begun, so nothing falls in between.
            while (!isSo()) await changes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException(File.Exists(path)
                ? $"{path} may not be written by this user ({limit.TotalSeconds:0} s): is it in the group qfx?"
                : $"{path} did not come within {limit.TotalSeconds:0} s.");
        }
    }
}
