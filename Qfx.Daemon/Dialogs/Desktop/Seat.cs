namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>The person who is logged in at the active graphical seat, and what programs need to appear there.</summary>
/// <param name="Session">The session's name.</param>
/// <param name="User">The person's login name.</param>
/// <param name="Uid">The person's number.</param>
/// <param name="Environment">Of a program of that session: nothing but what it needs to appear there.</param>
internal sealed record Seat(string Session, string User, uint Uid, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The X display, if there is one.</summary>
    public string? Display => Environment.GetValueOrDefault("DISPLAY");

    /// <summary>The file with what the X server wants to see.</summary>
    public string? Authority => Environment.GetValueOrDefault("XAUTHORITY");
}

/// <summary>Who is there.</summary>
internal interface ISeats
{
    /// <summary>Who is there now, and each time that this changes; null while nobody is, or the screen is locked.</summary>
    IObservable<Seat?> Active { get; }
}
