namespace Qfx.Streams.Exchange;

/// <summary>How many lines the journal was to have about one VM's refusals: who is refused all the time does not fill it.</summary>
/// <param name="Since">When their minute began.</param>
/// <param name="Wanted">How many in it, the last one among them.</param>
/// <param name="LeftOut">Of the minute before, for the first line of this one to tell.</param>
public readonly record struct RefusalLines(TimeSpan Since, int Wanted, int LeftOut)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>With one line more.</summary>
    /// <param name="now">Its time.</param>
    /// <param name="most">So many are written in a minute.</param>
    public RefusalLines Next(TimeSpan now, int most) => Wanted == 0 || now - Since >= Minute
        ? new(now, 1, Math.Max(0, Wanted - most))
        : new(Since, Wanted + 1, 0);
}
