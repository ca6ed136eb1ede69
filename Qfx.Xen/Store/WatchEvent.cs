namespace Qfx.Xen.Store;

/// <summary>What an event of a watch means.</summary>
public enum WatchKind
{
    /// <summary>The node, or one below it, was written, made, removed, or has other permissions.</summary>
    Changed,

    /// <summary>The first event of a watch: from now on nothing is missed.</summary>
    Registered,

    /// <summary>Of <c>@introduceDomain</c>: a domain was introduced.</summary>
    DomainIntroduced,

    /// <summary>Of <c>@releaseDomain</c>: a domain has shut down, or is gone.</summary>
    DomainReleased,

    /// <summary>Events may have been missed: the connection was lost, or the subscriber was too slow. Read everything anew.</summary>
    Resync,
}

/// <summary>Something at or below a watched path may have changed: a reason to look again, never what it is now.</summary>
/// <param name="Path">
/// The node that changed, spelled as the watch was: relative for a relative watch, the watch's own path for a special one,
/// for the first event after WATCH, for a resync, and when a parent of the watched path was removed.
/// </param>
/// <param name="Kind">What it means.</param>
/// <param name="Token">Which of the client's watches brought it; another one after the connection was lost.</param>
/// <param name="Merged">How many further events this one stands for: they came before it could be delivered.</param>
/// <remarks>xenstore.txt, WATCH_EVENT.</remarks>
public readonly record struct WatchEvent(XsPath Path, WatchKind Kind = WatchKind.Changed, ulong Token = 0, int Merged = 0);

/// <summary>Whether an event is worth delivering; of its path's bytes, before anything is allocated. Called by the thread that reads.</summary>
public delegate bool WatchFilter(ReadOnlySpan<byte> path);
