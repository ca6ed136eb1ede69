using System.Globalization;
using System.Text;

namespace Qfx.Streams.Marbles;

/// <summary>Draws how what happened differs from what was expected.</summary>
public static class MarbleDrawing
{
    /// <summary>A ruler of frames, the expected row, the actual row, <c>^</c> under the first difference, and what the letters mean.</summary>
    /// <param name="name">Of the row.</param>
    /// <param name="expected">What should have happened.</param>
    /// <param name="actual">What did happen.</param>
    /// <param name="frame">A frame lasts so long.</param>
    /// <param name="meaning">What a letter stands for; null for one that stands for itself.</param>
    /// <returns>Null when they do not differ: what comes after the last expected mark is a difference, how long the rows last is none.</returns>
    public static string? Difference(string name, MarbleRow expected, MarbleRow actual, TimeSpan frame, Func<char, string?> meaning)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(meaning);
        if (expected.FirstDifference(actual) is not { } where) return null;
        var axis = MarbleAxis.Of(frame, expected, actual);
        var all = MarbleRow.Of([], axis.End, axis.First);
        var (numbers, marks) = axis.Ruler();
        var drawing = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{name}: the first difference is at frame {where} ({TimeText.Of(frame * where)}): ")
            .Append(CultureInfo.InvariantCulture, $"expected {Said(expected, where, meaning)}, got {Said(actual, where, meaning)}\n");
        Line("", numbers);
        Line("", marks);
        Lines("expected", all.Over(expected));
        Lines("actual", all.Over(actual));
        Line("", new string(' ', axis.Column(where)) + '^');
        foreach (var mark in expected.Marks().Concat(actual.Marks()).Select(m => m.Mark).Distinct())
        {
            if (meaning(mark) is { } text) drawing.Append(CultureInfo.InvariantCulture, $"  {mark} = {text}\n");
        }

        return drawing.ToString();

        void Lines(string label, MarbleRow row)
        {
            foreach (var line in MarblePrinter.Print(row, axis)) Line(label, line);
        }

        void Line(string label, string text) => drawing.Append($"  {label,-8} {text}".TrimEnd()).Append('\n');
    }

    private static string Said(MarbleRow row, long frame, Func<char, string?> meaning)
    {
        var beats = row.Beats.Where(b => b.Frame == frame).ToArray();
        if (beats.Length == 0) return "nothing";
        return string.Concat(beats) is { Length: 1 } one ? meaning(one[0]) is { } text ? $"{one} ({text})" : one : string.Concat(beats);
    }
}
