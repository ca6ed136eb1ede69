using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Marbles;

/// <summary>What a letter of a VM's row makes it write: a request, or many in a row.</summary>
/// <param name="Requests">By turns.</param>
/// <param name="Times">So many in all.</param>
/// <param name="Within">The last one comes before so long has gone by.</param>
public sealed record StorySaying(ImmutableArray<Request> Requests, int Times, TimeSpan Within)
{
    private const int Most = 1_000_000;

    /// <summary>One request; its text may be anything that a guest can write.</summary>
    public static StorySaying Once(string text) => new([Read(text)], 1, TimeSpan.Zero);

    /// <summary>Of a legend: <c>send personal</c>, or <c>1000 in 1s: new | send nobody</c>.</summary>
    /// <exception cref="FormatException">It says how many, but not as many as there can be, or no time.</exception>
    public static StorySaying Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text[..colon].Split(' ') is not [var number, "in", var time] || !number.All(char.IsAsciiDigit)) return Once(text);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is > 0 and <= Most && TimeText.TryParse(time, out var within)
            ? new([.. text[(colon + 1)..].Split('|', StringSplitOptions.TrimEntries).Select(Read)], times, within)
            : throw new FormatException($"'{text[..colon]}' is not how many and in what time: 1 to {Most}, and a number and ms, s, m or h");
    }

    /// <summary>Each request, with the time after the first one.</summary>
    public IEnumerable<(TimeSpan After, Request Request)> All() =>
        Enumerable.Range(0, Times).Select(i => (Within * ((double)i / Times), Requests[i % Requests.Length]));

    private static Request Read(string text) => RequestParser.Parse(Encoding.Latin1.GetBytes(text));
}
