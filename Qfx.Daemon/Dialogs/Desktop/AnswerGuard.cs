namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>Whether an answer comes before anybody can have read the question.</summary>
/// <param name="time">A clock that nobody can set.</param>
/// <param name="guard">How long nothing counts.</param>
internal sealed class AnswerGuard(TimeProvider time, TimeSpan guard)
{
    private long begun = -1;

    /// <summary>True before the window is on the screen, and for a while after that and after each time that the focus came to it.</summary>
    public bool IsEarly => Volatile.Read(ref begun) is var since && (since < 0 || time.GetElapsedTime(since) < guard);

    /// <summary>The window has been there.</summary>
    public bool HasBegun => Volatile.Read(ref begun) >= 0;

    /// <summary>The window is there, or the focus has come to it.</summary>
    public void Begin() => Volatile.Write(ref begun, time.GetTimestamp());
}
