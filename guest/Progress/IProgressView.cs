namespace Qfx.Guest.Progress;

/// <summary>Shows a person how far a copy is.</summary>
internal interface IProgressView : IAsyncDisposable
{
    /// <summary>Cancelled when the person closes the view: they want no more of it.</summary>
    CancellationToken Closed { get; }

    /// <summary>Called a few times a second at most, and at the end with all of it.</summary>
    void Show(Reading reading);
}

/// <summary>How far it is.</summary>
/// <param name="Done">Bytes.</param>
/// <param name="Total">Bytes; Done ends there.</param>
/// <param name="Elapsed">Since the start.</param>
internal readonly record struct Reading(long Done, long Total, TimeSpan Elapsed)
{
    /// <summary>Whole percents; 100 only when all is done.</summary>
    public int Percent => Done >= Total ? 100 : Math.Min(99, (int)((Int128)Done * 100 / Total));

    /// <summary>Bytes a second so far.</summary>
    public double Speed => Elapsed > TimeSpan.Zero ? Done / Elapsed.TotalSeconds : 0;

    public override string ToString() => Speed > 0 && Elapsed >= TimeSpan.FromSeconds(1)
        ? $"{Host.Sizes.Of(Done)} of {Host.Sizes.Of(Total)}, {Host.Sizes.Of((long)Speed)}/s"
        : $"{Host.Sizes.Of(Done)} of {Host.Sizes.Of(Total)}";
}
