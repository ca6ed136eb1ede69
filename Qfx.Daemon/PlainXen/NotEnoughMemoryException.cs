namespace Qfx.Daemon.PlainXen;

/// <summary>The host has not enough free memory for a guest: it may work later.</summary>
internal sealed class NotEnoughMemoryException(string message, Exception inner) : IOException(message, inner)
{
    /// <summary>What the restore command ends with then, and the daemon understands: EX_TEMPFAIL of sysexits.h.</summary>
    public const int Exit = 75;
}
