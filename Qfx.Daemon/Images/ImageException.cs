namespace Qfx.Daemon.Images;

/// <summary>An image could not be made or deleted.</summary>
internal sealed class ImageException(string message, bool noSpace, Exception inner) : IOException(message, inner)
{
    /// <summary>There is no room, as opposed to something broken.</summary>
    public bool NoSpace { get; } = noSpace;
}
