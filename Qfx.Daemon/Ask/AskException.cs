namespace Qfx.Daemon.Ask;

/// <summary>How the commands that ask a daemon end: part of what scripts rely on.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The daemon refuses, or its answer cannot be used.</summary>
    public const int Failed = 1;

    /// <summary>EX_USAGE: the words cannot be understood.</summary>
    public const int Usage = 64;

    /// <summary>EX_CONFIG: the configuration has a fault.</summary>
    public const int Configuration = 78;

    /// <summary>EX_UNAVAILABLE: no daemon runs.</summary>
    public const int NotRunning = 69;

    /// <summary>EX_NOPERM: it takes no orders from this user.</summary>
    public const int NotAllowed = 77;
}

/// <summary>A daemon could not be asked.</summary>
/// <param name="exit">What the command ends with.</param>
/// <param name="message">In words that the administrator can act on.</param>
internal sealed class AskException(int exit, string message) : Exception(message)
{
    public int Exit { get; } = exit;
}
