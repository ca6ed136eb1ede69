using System.Globalization;
using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;

namespace Qfx.Model;

/// <summary>A way from the beginning to a world that must not be, drawn as marbles: a frame a step.</summary>
/// <param name="Rule">What does not hold there.</param>
/// <param name="Steps">The way, and what the rules wanted done at each step.</param>
public sealed record CounterExample(string Rule, IReadOnlyList<(Label Label, IReadOnlyList<ExchangeCommand> Commands)> Steps)
{
    private static readonly string[] Drawn = ["person", "done", "fails", "loses", "time"];

    /// <summary>The letter of an effect, in the rows of a story.</summary>
    public static char LetterOf(ExchangeCommand.Effect effect)
    {
        ArgumentNullException.ThrowIfNull(effect);
        return effect is ExchangeCommand.Ask ? '?' : StoryLetters.OfDisk(effect) ?? VirtualDisposables.Letter(effect) switch
        {
            'x' => 'X',    // apart from the deletion of an image
            { } letter => letter,
            null => '!',
        };
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"After {Steps.Count} steps: {Rule}");
        var names = Steps.Select(s => s.Label.Row).Where(row => !Drawn.Contains(row)).Distinct();
        var rows = names.Concat(Drawn).Select(row => (Head: $"{row} :", Row: MarbleRow.Of(Steps.Index().Where(s => s.Item.Label.Row == row).Select(s => ((long)s.Index, s.Item.Label.Letter)), Steps.Count)))
            .Append(("disks >", Wanted(StoryLetters.OfDisk)))
            .Append(("dvms >", Wanted(VirtualDisposables.Letter)))
            .Where(r => r.Item2.Beats.Length > 0).ToArray();
        var axis = MarbleAxis.Of(Story.DefaultFrame, rows.Select(r => r.Item2));
        var width = rows.Select(r => r.Item1.Length).DefaultIfEmpty().Max();
        foreach (var (head, row) in rows)
        {
            foreach (var line in MarblePrinter.Print(row, axis)) text.AppendLine(CultureInfo.InvariantCulture, $"  {head.PadLeft(width)} {line}");
        }

        foreach (var (index, step) in Steps.Index()) text.AppendLine(CultureInfo.InvariantCulture, $"  {index,3}  {step.Label.Row} {step.Label.Text}");
        return text.ToString();
    }

    private MarbleRow Wanted(Func<ExchangeCommand.Effect, char?> letter) => MarbleRow.Of(
        Steps.Index().SelectMany(s => s.Item.Commands.OfType<ExchangeCommand.Effect>().Select(letter).OfType<char>().Select(mark => ((long)s.Index, mark))), Steps.Count);
}
