namespace Qfx.Daemon.X11;

/// <summary>Tells when the window of a process is on the screen, and each time that the focus comes to it.</summary>
internal static class WindowWatch
{
    private const int MaxDepth = 4;
    private const int MaxWindows = 4096;

    /// <summary>Follows the windows of a process until cancelled.</summary>
    /// <param name="x">A connection for this alone.</param>
    /// <param name="process">Its number, by which its windows are found: _NET_WM_PID.</param>
    /// <param name="visible">Called when a window of it has come to the screen.</param>
    /// <param name="focused">Called when the focus has come to one.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="IOException">The server is gone.</exception>
    public static async Task RunAsync(XConnection x, int process, Action visible, Action focused, CancellationToken cancel)
    {
        var pid = await x.AtomAsync("_NET_WM_PID", cancel).ConfigureAwait(false);
        var known = new HashSet<uint>();
        var seen = false;
        await x.SelectAsync(x.Root, XConnection.SubstructureNotify, cancel).ConfigureAwait(false);
        while (true)
        {
            foreach (var window in await FindAsync(x, pid, (uint)process, cancel).ConfigureAwait(false))
            {
                if (known.Add(window))
                    await x.SelectAsync(window, XConnection.StructureNotify | XConnection.FocusChange, cancel).ConfigureAwait(false);
                if (seen || !await x.IsViewableAsync(window, cancel).ConfigureAwait(false)) continue;
                seen = true;
                visible();
            }

            XEvent next;
            do
            {
                next = await x.NextEventAsync(cancel).ConfigureAwait(false);
                if (next is { Code: XConnection.FocusIn, Mode: 0 or 3 } && known.Contains(next.Window)) focused();
            }
            while (next.Code is not (XConnection.MapNotify or XConnection.ReparentNotify));
        }
    }

    /// <summary>The windows of the process: a window manager puts them into frames of its own.</summary>
    private static async Task<List<uint>> FindAsync(XConnection x, uint pid, uint process, CancellationToken cancel)
    {
        var found = new List<uint>();
        var looked = 0;
        var level = new List<uint> { x.Root };
        for (var depth = 0; depth < MaxDepth && level.Count > 0; depth++)
        {
            var next = new List<uint>();
            foreach (var window in level)
            {
                foreach (var child in await x.ChildrenAsync(window, cancel).ConfigureAwait(false))
                {
                    if (++looked > MaxWindows) return found;
                    if (await x.NumberAsync(child, pid, cancel).ConfigureAwait(false) == process) found.Add(child);
                    else next.Add(child);
                }
            }

            level = next;
        }

        return found;
    }
}
