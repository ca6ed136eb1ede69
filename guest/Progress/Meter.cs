namespace Qfx.Guest.Progress;

/// <summary>Counts bytes, and shows them now and then. Used by one thread at a time.</summary>
/// <param name="total">Bytes of contents to come.</param>
/// <param name="view">Who shows it.</param>
/// <param name="time">Keeps the pauses.</param>
internal sealed class Meter(long total, IProgressView view, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly long start = time.GetTimestamp();
    private TimeSpan shown = TimeSpan.MinValue;
    private long done;

    /// <summary>So many more bytes are over there.</summary>
    public void Add(long bytes)
    {
        done += bytes;
        var elapsed = time.GetElapsedTime(start);
        if (shown != TimeSpan.MinValue && elapsed - shown < Pause && done < total) return;
        shown = elapsed;
        view.Show(new(done, total, elapsed));
    }
}
