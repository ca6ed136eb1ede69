using System.Collections.Immutable;
using System.Globalization;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Marbles;

/// <summary>The settings of a story.</summary>
/// <param name="Frame">A frame lasts so long.</param>
/// <param name="Rules">What the rules are told.</param>
/// <param name="Edge">What is to go wrong outside.</param>
internal sealed record StorySettings(TimeSpan Frame, ExchangeSettings Rules, ImmutableArray<Action<VirtualEdge>> Edge)
{
    private const int MostFrames = 1_000_000;    // that an effect may take

    /// <exception cref="MarbleException">Points at the line.</exception>
    public static StorySettings Read(IEnumerable<MarbleSetting> settings, ExchangeSettings rules)
    {
        var told = new StorySettings(Story.DefaultFrame, rules, []);
        var seen = new HashSet<string>();
        foreach (var setting in settings)
        {
            if (setting.Name is not ("slow" or "hang") && !seen.Add(setting.Name)) throw setting.Bad($"{setting.Name} is set already");
            told = told.With(setting);
        }

        return told;
    }

    private StorySettings With(MarbleSetting setting) => setting.Name switch
    {
        "frame" when Time(setting) is { Ticks: > 0 } frame => this with { Frame = frame },
        "question" => this with { Rules = Rules with { QuestionLimit = Time(setting) } },
        "unshown" => this with { Rules = Rules with { UnshownLimit = Time(setting) } },
        "quiet" => this with { Rules = Rules with { QuietTime = Time(setting) } },
        "waiting" => this with { Rules = Rules with { WaitingLimit = Time(setting) } },
        "detach" => this with { Rules = Rules with { DetachLimit = Time(setting) } },
        "effect" => this with { Rules = Rules with { EffectLimit = Time(setting) } },
        "reveal_names" when setting.Value is "yes" or "no" => this with { Rules = Rules with { RevealNames = setting.Value == "yes" } },
        "slow" when setting.Value.Split(' ') is [.. var what, var frames]
            && int.TryParse(frames, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostFrames
            && Which(what) is { } which => this with { Edge = Edge.Add(edge => edge.Slow(which, number)) },
        "hang" when Which(setting.Value.Split(' ')) is { } which => this with { Edge = Edge.Add(edge => edge.Hang(which)) },
        _ => throw setting.Bad($"this is no setting of a story, or no value for {setting.Name}"),
    };

    private static TimeSpan Time(MarbleSetting setting) =>
        TimeText.TryParse(setting.Value, out var time) ? time : throw setting.Bad("a time is a number and ms, s, m or h");

    private static Func<ExchangeCommand.Effect, bool>? Which(string[] words) => words switch
    {
        ["make"] => effect => effect is ExchangeCommand.Make,
        ["announce"] => effect => effect is ExchangeCommand.Announce,
        ["delete"] => effect => effect is ExchangeCommand.Delete,
        ["attach", var vdev] => effect => effect is ExchangeCommand.Attach attach && attach.At.Vdev.Name == vdev,
        ["detach", var vdev] => effect => effect is ExchangeCommand.Detach detach && detach.At.Vdev.Name == vdev,
        _ => null,
    };
}
