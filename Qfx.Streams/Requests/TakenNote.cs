namespace Qfx.Streams.Requests;

/// <summary>What is noted of one domain.</summary>
/// <param name="Count">How far its status counted when last something was said.</param>
/// <param name="Taken">Requests that were taken after those.</param>
public readonly record struct TakenNote(int Count, int Taken)
{
    /// <summary>One more was taken.</summary>
    public TakenNote Take() => this with { Taken = Taken + 1 };

    /// <summary>One was not taken after all.</summary>
    public TakenNote Drop() => this with { Taken = Math.Max(0, Taken - 1) };

    /// <summary>The status counts so far. One that counts less than before is of a store that was lost.</summary>
    public TakenNote Said(int count) => new(count, count < Count ? 0 : Math.Max(0, Taken - (count - Count)));
}
