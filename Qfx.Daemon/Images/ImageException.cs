namespace Qfx.Daemon.Images;

/// <summary>An image could not be made or deleted.</summary>
internal sealed class ImageException(string message, bool noSpace, Exception? inner) : IOException(message, inner)
{
    private const int NoSpaceLeft = 28;    // ENOSPC
    private const int QuotaUsedUp = 122;    // EDQUOT

    /// <summary>There is no room, as opposed to something broken.</summary>
    public bool NoSpace { get; } = noSpace;

    /// <summary>Says what went wrong with an image.</summary>
    /// <param name="what">A clause: the image and what was to be done.</param>
    /// <param name="inner">What the kernel said; its HResult is an errno, or one in the low half of a Windows code.</param>
    public static ImageException Of(string what, Exception inner) =>
        new($"{what}: {inner.Message}", (inner.HResult & 0xFFFF) is NoSpaceLeft or QuotaUsedUp, inner);
}
