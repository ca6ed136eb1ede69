namespace Qfx.Streams.Marbles;

/// <summary>What a row has at one frame.</summary>
/// <param name="Frame">Counted from the start of the row, or from the <c>^</c> of a hot one: what came before it is negative.</param>
/// <param name="Marks">Letters of values, and <c>|</c>, <c>#</c>, <c>^</c>, <c>!</c>, in the order of happening.</param>
/// <param name="AnyOrder">They may happen in any order.</param>
public readonly record struct Beat(long Frame, string Marks, bool AnyOrder = false)
{
    /// <summary>Frames that it is wide when it is written down: a group takes one for each of its characters.</summary>
    public int Width => Marks.Length == 1 ? 1 : Marks.Length + 2;

    /// <summary>As it is written: a mark, <c>(ab)</c>, or <c>{ab}</c> for marks in any order.</summary>
    public override string ToString() => Marks.Length == 1 ? Marks : AnyOrder ? $"{{{Marks}}}" : $"({Marks})";
}
