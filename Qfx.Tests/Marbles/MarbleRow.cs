using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Qfx.Tests.Marbles;

/// <summary>What happens at which frame, as a row of letters.</summary>
/// <remarks>
/// <c>-</c> is a frame in which nothing happens, a letter one in which its event does; <c>(ab)</c> are events of the frame
/// where the parenthesis opens, in this order, and takes as many frames as it has characters; <c> 200ms </c>, <c> 5m </c>
/// let time go by (s, m, h too); blanks have no meaning.
/// </remarks>
internal static partial class MarbleRow
{
    /// <summary>A frame lasts so long.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(10);

    /// <exception cref="FormatException">Names the column.</exception>
    public static (IReadOnlyList<(int Frame, char Event)> Events, int Frames) Parse(string row)
    {
        var events = new List<(int, char)>();
        var frame = 0;
        int? group = null;
        for (var i = 0; i < row.Length; i++)
        {
            var c = row[i];
            if (group is null && Progress().Match(row, i) is { Success: true } match && match.Index == i)
            {
                frame += Frames(match);
                i += match.Length - 1;
                continue;
            }

            switch (c)
            {
                case ' ':
                    continue;
                case '-' when group is null:
                    break;
                case '(' when group is null:
                    group = frame;
                    break;
                case ')' when group is not null:
                    group = null;
                    break;
                case '(' or ')' or '-':
                    throw new FormatException($"'{c}' cannot stand here:\n{row}\n{new string(' ', i)}^");
                default:
                    events.Add((group ?? frame, c));
                    break;
            }

            frame++;
        }

        return group is null ? (events, frame) : throw new FormatException($"A group is open at the end:\n{row}\n{new string(' ', row.Length)}^");
    }

    /// <summary>The shortest row of these events. Events that share a frame are a group, which hides the frames that it is long.</summary>
    public static string Print(IEnumerable<(int Frame, char Event)> events)
    {
        var row = new StringBuilder();
        var at = 0;
        foreach (var frame in events.GroupBy(e => e.Frame).OrderBy(g => g.Key))
        {
            var silence = frame.Key - at;
            if (silence > 200) row.Append(CultureInfo.InvariantCulture, $" {silence * Frame.TotalMilliseconds}ms ");
            else if (silence > 0) row.Append('-', silence);
            var letters = string.Concat(frame.Select(e => e.Event));
            var text = letters.Length == 1 ? letters : $"({letters})";
            row.Append(text);
            at = Math.Max(at, frame.Key) + text.Length;
        }

        return row.ToString();
    }

    [GeneratedRegex(@"(?<= )(\d+)(ms|s|m|h)(?= |$)")]
    private static partial Regex Progress();

    private static int Frames(Match match)
    {
        var number = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        var time = match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(number),
        };
        return (int)(time / Frame);
    }
}
