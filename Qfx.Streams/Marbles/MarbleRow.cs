using System.Collections.Immutable;

namespace Qfx.Streams.Marbles;

/// <summary>What happens when: the meaning of a row of marbles, and of nothing else, so two texts that mean the same are equal.</summary>
public sealed class MarbleRow : IEquatable<MarbleRow>
{
    /// <summary>A row in which nothing happens and that takes no time.</summary>
    public static readonly MarbleRow Empty = new([], 0, 0);

    private MarbleRow(ImmutableArray<Beat> beats, long first, long end) => (Beats, First, End) = (beats, first, end);

    /// <summary>In the order of frames. Two of one frame follow on each other; a beat alone is in order.</summary>
    public ImmutableArray<Beat> Beats { get; }

    /// <summary>The first frame: 0, or in a hot row with <c>^</c> so many before it.</summary>
    public long First { get; }

    /// <summary>The frame after the last one. No beat is wider than what is left.</summary>
    public long End { get; }

    /// <summary>A row of beats in any order.</summary>
    /// <param name="beats">What happens.</param>
    /// <param name="end">The row lasts at least so long.</param>
    /// <param name="first">It begins at this frame, or earlier.</param>
    public static MarbleRow Of(IEnumerable<Beat> beats, long end = 0, long first = 0)
    {
        var merged = new List<Beat>();
        foreach (var beat in beats.Where(b => b.Marks.Length > 0).OrderBy(b => b.Frame))
        {
            var next = beat.Marks.Length == 1 ? beat with { AnyOrder = false }
                : beat.AnyOrder ? beat with { Marks = string.Concat(beat.Marks.Order()) } : beat;
            if (merged.Count > 0 && merged[^1] is { AnyOrder: false } last && last.Frame == next.Frame && !next.AnyOrder)
                merged[^1] = last with { Marks = last.Marks + next.Marks };
            else
                merged.Add(next);
        }

        return new(
            [.. merged],
            merged.Count > 0 ? Math.Min(first, merged[0].Frame) : first,
            merged.Aggregate(end, (most, beat) => Math.Max(most, beat.Frame + beat.Width)));
    }

    /// <summary>A row of single marks.</summary>
    public static MarbleRow Of(IEnumerable<(long Frame, char Mark)> marks, long end = 0) =>
        Of(marks.Select(m => new Beat(m.Frame, m.Mark.ToString())), end);

    /// <summary>Both rows as one: what the other one has at a frame comes after what this one has.</summary>
    public MarbleRow Over(MarbleRow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Of(Beats.Concat(other.Beats), Math.Max(End, other.End), Math.Min(First, other.First));
    }

    /// <summary>Earlier or later by so many frames.</summary>
    public MarbleRow Shift(long frames) =>
        new([.. Beats.Select(b => b with { Frame = b.Frame + frames })], First + frames, End + frames);

    /// <summary>Each mark with its frame, in order.</summary>
    public IEnumerable<(long Frame, char Mark)> Marks() => Beats.SelectMany(b => b.Marks.Select(mark => (b.Frame, mark)));

    /// <summary>The first frame where the other row, of things that did happen, is not what this one expects; null if there is none.</summary>
    public long? FirstDifference(MarbleRow actual)
    {
        ArgumentNullException.ThrowIfNull(actual);
        var happened = actual.Marks().ToLookup(m => m.Frame, m => m.Mark);
        var expected = Beats.ToLookup(b => b.Frame);
        return happened.Select(g => g.Key).Union(expected.Select(g => g.Key)).Order()
            .Select(frame => (long?)frame)
            .FirstOrDefault(frame => !Fits(expected[frame!.Value], string.Concat(happened[frame.Value])));
    }

    /// <inheritdoc/>
    public bool Equals(MarbleRow? other) => other is not null && First == other.First && End == other.End && Beats.SequenceEqual(other.Beats);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MarbleRow);

    /// <inheritdoc/>
    public override int GetHashCode() => Beats.Aggregate(HashCode.Combine(First, End), HashCode.Combine);

    /// <summary>As it is written with a millisecond a frame.</summary>
    public override string ToString() => string.Join('\n', MarblePrinter.Print(this, MarbleSyntax.Default));

    private static bool Fits(IEnumerable<Beat> expected, string happened)
    {
        var at = 0;
        foreach (var beat in expected)
        {
            if (happened.Length - at < beat.Marks.Length) return false;
            var part = happened.Substring(at, beat.Marks.Length);
            if ((beat.AnyOrder ? string.Concat(part.Order()) : part) != beat.Marks) return false;
            at += part.Length;
        }

        return at == happened.Length;
    }
}
