using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Qfx.Streams.Marbles;

/// <summary>Where the frames of several rows are when they are drawn below one another: long silences of all are cut short alike.</summary>
public sealed class MarbleAxis
{
    private const int LongSilence = 60;    // frames; a shorter one is drawn in full

    private readonly ImmutableArray<(long From, long To, string Text)> skips;

    private MarbleAxis(long first, long end, TimeSpan frame, ImmutableArray<(long, long, string)> skips)
    {
        (First, End, Frame) = (first, end, frame);
        this.skips = skips;
    }

    /// <summary>The earliest frame of all rows.</summary>
    public long First { get; }

    /// <summary>The frame after the last one of all rows.</summary>
    public long End { get; }

    /// <summary>A frame lasts so long.</summary>
    public TimeSpan Frame { get; }

    /// <summary>The axis that these rows have in common.</summary>
    public static MarbleAxis Of(TimeSpan frame, params IEnumerable<MarbleRow> rows)
    {
        var all = rows.ToArray();
        var first = all.Select(r => r.First).DefaultIfEmpty().Min();
        var end = all.Select(r => r.End).DefaultIfEmpty().Max();
        var skips = ImmutableArray.CreateBuilder<(long, long, string)>();
        var free = first;
        foreach (var beat in all.SelectMany(r => r.Beats).Append(new Beat(end, "-")).OrderBy(b => b.Frame))
        {
            if (beat.Frame - free > LongSilence) skips.Add((free, beat.Frame, $" {TimeText.Of(frame * (beat.Frame - free))} "));
            free = Math.Max(free, beat.Frame + beat.Width);
        }

        return new(first, end, frame, skips.ToImmutable());
    }

    /// <summary>The silence that begins at this frame and is cut short.</summary>
    public (long To, string Text)? SkipAt(long frame)
    {
        foreach (var (from, to, text) in skips)
        {
            if (from == frame) return (to, text);
        }

        return null;
    }

    /// <summary>The column that a frame begins at. One within a silence that is cut short is where that begins.</summary>
    public int Column(long frame)
    {
        var column = frame - First;
        foreach (var (from, to, text) in skips)
        {
            if (frame >= to) column += text.Length - (to - from);
            else if (frame > from) column -= frame - from;
        }

        return (int)column;
    }

    /// <summary>Two lines to lay over rows: the numbers of frames, and marks at every fifth.</summary>
    public (string Numbers, string Marks) Ruler()
    {
        var marks = new StringBuilder();
        var numbers = new StringBuilder();
        for (var frame = First; frame < End;)
        {
            if (SkipAt(frame) is var (to, text))
            {
                marks.Append(' ', text.Length);
                frame = to;
                continue;
            }

            if (frame % 10 == 0 && (numbers.Length < marks.Length || marks.Length == 0))
                numbers.Append(' ', marks.Length - numbers.Length).Append(CultureInfo.InvariantCulture, $"{frame}");
            marks.Append(frame % 10 == 0 ? '|' : frame % 5 == 0 ? '+' : '.');
            frame++;
        }

        return (numbers.ToString(), marks.ToString());
    }
}
