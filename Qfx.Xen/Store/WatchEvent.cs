namespace Qfx.Xen.Store;

/// <summary>Something at or below a watched path may have changed: a reason to look again, never what it is now.</summary>
/// <param name="Path">
/// The node that changed, spelled as the watch was: relative for a relative watch, the watch's own path for a special one,
/// for the first event after WATCH, and when a parent of the watched path was removed.
/// </param>
/// <remarks>xenstore.txt, WATCH_EVENT.</remarks>
public readonly record struct WatchEvent(XsPath Path);
