using System.Globalization;

namespace Qfx.Streams.Exchange;

/// <summary>Names one pendrive for as long as the daemon runs; never reused.</summary>
public readonly record struct PendriveId(long Value)
{
    /// <summary>As the journal shows it: <c>p7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p{Value}");
}

/// <summary>Names one question; never reused, so a late answer finds nothing to answer.</summary>
public readonly record struct QuestionId(long Value)
{
    /// <summary>As the journal shows it: <c>q7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"q{Value}");
}
