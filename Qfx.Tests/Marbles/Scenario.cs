using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;

namespace Qfx.Tests.Marbles;

/// <summary>A story about VMs, a person and the disks, played by the rules in virtual time, and asserted. Its rows and letters: <see cref="Story"/>, <see cref="StoryLetters"/>.</summary>
internal sealed class Scenario : IDisposable
{
    /// <summary>The person is asked about every copy; the rest is allowed.</summary>
    public static Qfx.Streams.Policy.Policy AskAlways => Story.AskAlways;

    private readonly StoryPlayer player;

    private Scenario(StoryPlayer player) => this.player = player;

    /// <summary>The rules' state at the end.</summary>
    public ExchangeState State => player.State;

    /// <summary>Every turn of the rules.</summary>
    public IReadOnlyList<ExchangeStep> Steps => player.Steps;

    /// <summary>Plays the rows and compares what comes out with the rows that are expected.</summary>
    /// <param name="story">The rows.</param>
    /// <param name="edge">Makes an effect fail, hang, or take longer.</param>
    /// <param name="settings">Of the rules.</param>
    /// <param name="says">Further letters for requests.</param>
    public static Scenario Check(
        string story, Action<VirtualEdge>? edge = null, ExchangeSettings? settings = null, params (char Letter, string Request)[] says)
    {
        var played = Play(Story.Parse(story, settings, says.ToDictionary(s => s.Letter, s => s.Request)), edge);
        var differences = string.Join('\n', played.player.Differences());
        Assert.True(differences.Length == 0, differences);
        return played;
    }

    /// <summary>Plays the rows; what comes out is for the test to look at.</summary>
    public static Scenario Run(
        string story, Action<VirtualEdge>? edge = null, ExchangeSettings? settings = null, params (char Letter, string Request)[] says) =>
        Play(Story.Parse(story, settings, says.ToDictionary(s => s.Letter, s => s.Request)), edge);

    /// <summary>The commands of this kind that the rules gave, in order.</summary>
    public IEnumerable<T> Commands<T>()
        where T : ExchangeCommand => Steps.SelectMany(step => step.Commands).OfType<T>();

    /// <summary>The effects of this kind that were begun, in order; those of added rules are among them.</summary>
    public IEnumerable<T> Begun<T>()
        where T : ExchangeCommand.Effect => player.Begun.OfType<T>();

    /// <summary>Nothing is left: no pendrive, no slot, no question.</summary>
    public void IsEmpty()
    {
        Assert.Empty(State.Pendrives);
        Assert.Empty(State.Slots);
        Assert.Empty(State.Questions);
        Assert.Empty(State.Dvms);
    }

    private static Scenario Play(Story story, Action<VirtualEdge>? edge)
    {
        var player = new StoryPlayer(story);
        edge?.Invoke(player.Edge);
        return new(player.Play());
    }

    public void Dispose() => player.Dispose();
}
