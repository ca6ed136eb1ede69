using System.Globalization;

namespace Qfx.Streams.Marbles;

/// <summary>Spans of time as rows have them: <c>10ms</c>, <c>1.5s</c>, <c>5m</c>, <c>2h</c>.</summary>
public static class TimeText
{
    /// <summary>No story lasts longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3660);

    private static readonly (string Unit, long Ticks)[] Units =
        [("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour)];

    /// <summary>False for what is no span of time, for part of a tick, and for what is longer than any story.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        var unit = 0;
        while (unit < text.Length && (char.IsAsciiDigit(text[unit]) || text[unit] == '.')) unit++;
        if (unit == 0 || unit == text.Length || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[unit - 1])) return false;
        var ticks = 0L;
        foreach (var (name, of) in Units)
        {
            if (text[unit..].SequenceEqual(name)) ticks = of;
        }

        if (ticks == 0 || !decimal.TryParse(text[..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number > Longest.Ticks || number * ticks > Longest.Ticks || decimal.Truncate(number * ticks) != number * ticks) return false;
        time = TimeSpan.FromTicks((long)(number * ticks));
        return true;
    }

    /// <summary>Whether this would be a span of time if stories could last that long.</summary>
    internal static bool IsTooLong(ReadOnlySpan<char> text)
    {
        var unit = 0;
        while (unit < text.Length && char.IsAsciiDigit(text[unit])) unit++;
        return unit > 0 && text[unit..] is "ms" or "s" or "m" or "h" && !TryParse(text, out _);
    }

    /// <summary>The shortest text that means exactly this.</summary>
    public static string Of(TimeSpan time) => Enumerable.Reverse(Units)
        .Select(unit => string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / (decimal)unit.Ticks:0.###############}{unit.Unit}"))
        .Where(text => (text[0] != '0' || time == TimeSpan.Zero) && TryParse(text, out var back) && back == time)
        .DefaultIfEmpty(string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / (decimal)TimeSpan.TicksPerMillisecond:0.####}ms"))
        .MinBy(text => text.Length)!;
}
