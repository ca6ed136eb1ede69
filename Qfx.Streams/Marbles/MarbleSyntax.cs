namespace Qfx.Streams.Marbles;

/// <summary>What a row is a row of.</summary>
public enum MarbleKind
{
    /// <summary>What each subscriber gets, from the moment of its subscription.</summary>
    Cold,

    /// <summary>What happens whether anybody listens or not; <c>^</c> is where the test begins to listen, frame 0.</summary>
    Hot,

    /// <summary>When somebody listens: <c>^</c> and <c>!</c>.</summary>
    Subscription,
}

/// <summary>How rows are read and written.</summary>
public sealed record MarbleSyntax
{
    /// <summary>Cold rows, a millisecond a frame: as RxJS has them.</summary>
    public static readonly MarbleSyntax Default = new();

    /// <summary>What a row is a row of.</summary>
    public MarbleKind Kind { get; init; } = MarbleKind.Cold;

    /// <summary>A frame lasts so long.</summary>
    public TimeSpan Frame { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>What may stand for a value beside ASCII letters and digits.</summary>
    public string MoreValues { get; init; } = "";

    /// <summary>Whether this character stands for a value.</summary>
    public bool IsValue(char mark) => char.IsAsciiLetterOrDigit(mark) || MoreValues.Contains(mark, StringComparison.Ordinal);
}
