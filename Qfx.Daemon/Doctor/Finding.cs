namespace Qfx.Daemon.Doctor;

/// <summary>How bad it is.</summary>
internal enum Health
{
    Good,

    /// <summary>It works, but not all of it, or not safely.</summary>
    Warning,

    /// <summary>It does not work like this.</summary>
    Bad,
}

/// <summary>What was found of one thing.</summary>
/// <param name="What">The thing, in a word or two.</param>
/// <param name="Health">How it is.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Mend">What to do, where something is to be done.</param>
internal sealed record Finding(string What, Health Health, string Seen, string? Mend = null)
{
    public static Finding Good(string what, string seen) => new(what, Health.Good, seen);

    public static Finding Warning(string what, string seen, string mend) => new(what, Health.Warning, seen, mend);

    public static Finding Bad(string what, string seen, string mend) => new(what, Health.Bad, seen, mend);
}
