using System.Globalization;

namespace Qfx.Streams.Exchange;

/// <summary>Names one disposable VM, from the request for it until its record is gone; never reused.</summary>
public readonly record struct DvmId(long Value)
{
    /// <summary>As the journal shows it: <c>d7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"d{Value}");
}
