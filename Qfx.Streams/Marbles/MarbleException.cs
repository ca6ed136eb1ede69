namespace Qfx.Streams.Marbles;

/// <summary>A text that is no row. Its message shows the text, with a caret under the column where it stops being one.</summary>
/// <param name="problem">What is wrong, as a sentence.</param>
/// <param name="text">The line; empty where it is about the text as a whole.</param>
/// <param name="column">Where in it, from 0.</param>
/// <param name="line">Which line of a longer text, from 1; null for a row by itself.</param>
public sealed class MarbleException(string problem, string text, int column, int? line = null)
    : FormatException($"{(line is { } n ? $"line {n}: " : "")}{problem}{(text.Length == 0 ? "" : $"\n{text}\n{new string(' ', column)}^")}")
{
    /// <summary>What is wrong, without the drawing.</summary>
    public string Problem => problem;

    /// <summary>The line.</summary>
    public string Text => text;

    /// <summary>Where, from 0.</summary>
    public int Column => column;
}
