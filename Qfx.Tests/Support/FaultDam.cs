using System.Net.Sockets;

namespace Qfx.Tests.Support;

/// <summary>Where a <see cref="FaultProxy"/> keeps answers back until the test lets them go: delays without any clock.</summary>
internal sealed class FaultDam
{
    private readonly Lock gate = new();
    private readonly List<byte[]> held = [];
    private Socket? to;
    private int awaited;
    private TaskCompletionSource? full;
    private bool closed;

    /// <summary>From now on nothing passes.</summary>
    public void Close()
    {
        lock (gate) closed = true;
    }

    /// <summary>Ends when so many frames are held.</summary>
    public Task HeldAsync(int frames)
    {
        lock (gate)
        {
            if (held.Count >= frames) return Task.CompletedTask;
            awaited = frames;
            full = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return full.Task.WaitAsync(ScriptedPeer.Patience);
        }
    }

    /// <summary>Lets go what is held, as one stretch of bytes that is cut at these places, and all that comes later.</summary>
    /// <param name="order">The frames as they are to be sent.</param>
    /// <param name="cuts">Each piece is a write of its own; ascending, a place past the end is none.</param>
    /// <returns>Bytes of the longest stretch.</returns>
    public async Task<int> OpenAsync(Func<IEnumerable<byte[]>, IEnumerable<byte[]>> order, params int[] cuts)
    {
        var sent = 0;
        while (Take() is var (socket, frames))
        {
            byte[] bytes = [.. order(frames).SelectMany(frame => frame)];
            await SendAsync(socket, bytes, cuts);
            sent = Math.Max(sent, bytes.Length);
        }

        return sent;
    }

    /// <summary>As they came.</summary>
    public Task<int> OpenAsync(params int[] cuts) => OpenAsync(frames => frames, cuts);

    /// <summary>Forgets what is held: its connection is gone.</summary>
    internal void Drain()
    {
        lock (gate)
        {
            held.Clear();
            to = null;
        }
    }

    /// <summary>Whether it is held.</summary>
    internal bool Hold(Socket socket, byte[] frame)
    {
        lock (gate)
        {
            if (!closed) return false;
            to = socket;
            held.Add(frame);
            if (held.Count >= awaited) full?.TrySetResult();
            return true;
        }
    }

    private static async Task SendAsync(Socket to, byte[] bytes, int[] cuts)
    {
        var at = 0;
        try
        {
            foreach (var cut in cuts.Where(cut => cut < bytes.Length).Append(bytes.Length))
            {
                while (at < cut) at += await to.SendAsync(bytes.AsMemory(at, cut - at));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is gone.
        }
    }

    /// <summary>What is held; with nothing held it is open, so that what comes later goes behind what was held.</summary>
    private (Socket To, byte[][] Frames)? Take()
    {
        lock (gate)
        {
            if (to is not { } socket || held.Count == 0)
            {
                closed = false;
                return null;
            }

            byte[][] frames = [.. held];
            held.Clear();
            return (socket, frames);
        }
    }
}
