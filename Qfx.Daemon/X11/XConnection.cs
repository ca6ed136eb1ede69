using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Qfx.Daemon.X11;

/// <summary>An event of the X server, as far as anything here wants to know.</summary>
/// <param name="Code">Its number in the protocol.</param>
/// <param name="Window">The window that it is about.</param>
/// <param name="Mode">Of a change of focus: 0 is one that the person made, others come of grabs.</param>
internal readonly record struct XEvent(byte Code, uint Window, byte Mode);

/// <summary>The few words of the X protocol that tell when a window is on the screen. X Window System Protocol, X11R7, appendix B.</summary>
/// <remarks>One request at a time; events that come meanwhile are kept for <see cref="NextEventAsync"/>.</remarks>
internal sealed class XConnection : IDisposable
{
    public const byte FocusIn = 9;
    public const byte FocusOut = 10;
    public const byte UnmapNotify = 18;
    public const byte MapNotify = 19;
    public const byte ReparentNotify = 21;
    public const uint StructureNotify = 1 << 17;
    public const uint SubstructureNotify = 1 << 19;
    public const uint FocusChange = 1 << 21;

    private const int MaxKept = 4096;
    private const int MaxReply = 1 << 20;

    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly Queue<XEvent> events = new();

    private XConnection(Socket socket, NetworkStream stream, uint root)
    {
        this.socket = socket;
        this.stream = stream;
        Root = root;
    }

    /// <summary>The window that all others are in.</summary>
    public uint Root { get; }

    /// <summary>Connects to a display of this host.</summary>
    /// <param name="display"><c>:0</c>, as DISPLAY has it.</param>
    /// <param name="authority">The file with the cookie; null for none.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="IOException">There is none, or it does not let us in.</exception>
    public static async Task<XConnection> ConnectAsync(string display, string? authority, CancellationToken cancel)
    {
        if (!display.StartsWith(':')) throw new IOException($"{display} is not a display of this host");
        var number = display[1..].Split('.')[0];
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/tmp/.X11-unix/X{number}"), cancel).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            var root = await GreetAsync(stream, XAuthority.CookieOf(authority, number), cancel).ConfigureAwait(false);
            return new(socket, stream, root);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }

    /// <summary>Wants events of a window from now on.</summary>
    public Task SelectAsync(uint window, uint mask, CancellationToken cancel)
    {
        var request = Request(2, 0, 16);
        Put(request, 4, window);
        Put(request, 8, 1 << 11);    // CWEventMask
        Put(request, 12, mask);
        return stream.WriteAsync(request, cancel).AsTask();
    }

    public async Task<uint> AtomAsync(string name, CancellationToken cancel)
    {
        var text = Encoding.ASCII.GetBytes(name);
        var request = Request(16, 0, 8 + ((text.Length + 3) & ~3));
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(4), (ushort)text.Length);
        text.CopyTo(request, 8);
        return await AskAsync(request, cancel).ConfigureAwait(false) is { } reply ? Get(reply, 8) : 0;
    }

    /// <summary>The windows in a window; none where it is gone.</summary>
    public async Task<uint[]> ChildrenAsync(uint window, CancellationToken cancel)
    {
        if (await AskAsync(Of(15, window), cancel).ConfigureAwait(false) is not { } reply) return [];
        var count = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(reply.AsSpan(16)), (reply.Length - 32) / 4);
        return [.. Enumerable.Range(0, count).Select(i => Get(reply, 32 + (4 * i)))];
    }

    /// <summary>A number that is a property of a window; null where it has none.</summary>
    public async Task<uint?> NumberAsync(uint window, uint property, CancellationToken cancel)
    {
        var request = Request(20, 0, 24);
        Put(request, 4, window);
        Put(request, 8, property);
        Put(request, 20, 1);
        return await AskAsync(request, cancel).ConfigureAwait(false) is { Length: >= 36 } reply && reply[1] == 32 ? Get(reply, 32) : null;
    }

    /// <summary>Whether it is on the screen, as far as the server draws it.</summary>
    public async Task<bool> IsViewableAsync(uint window, CancellationToken cancel) =>
        await AskAsync(Of(3, window), cancel).ConfigureAwait(false) is { Length: > 26 } reply && reply[26] == 2;

    /// <summary>The next event, or the next of those that came with a reply.</summary>
    /// <exception cref="IOException">The server is gone.</exception>
    public async Task<XEvent> NextEventAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (events.TryDequeue(out var kept)) return kept;
            Keep(await ReadAsync(cancel).ConfigureAwait(false));
        }
    }

    private static async Task<uint> GreetAsync(NetworkStream stream, byte[] cookie, CancellationToken cancel)
    {
        var name = cookie.Length == 0 ? [] : Encoding.ASCII.GetBytes(XAuthority.Cookie);
        var padded = (name.Length + 3) & ~3;
        var hello = new byte[12 + padded + ((cookie.Length + 3) & ~3)];
        hello[0] = (byte)'l';
        hello[2] = 11;
        BinaryPrimitives.WriteUInt16LittleEndian(hello.AsSpan(6), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(hello.AsSpan(8), (ushort)cookie.Length);
        name.CopyTo(hello, 12);
        cookie.CopyTo(hello, 12 + padded);
        await stream.WriteAsync(hello, cancel).ConfigureAwait(false);

        var head = new byte[8];
        await stream.ReadExactlyAsync(head, cancel).ConfigureAwait(false);
        var body = new byte[4 * BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(6))];
        await stream.ReadExactlyAsync(body, cancel).ConfigureAwait(false);
        if (head[0] != 1) throw new IOException("the X server does not let us in");
        var screens = 32 + ((BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(16)) + 3) & ~3) + (8 * body[21]);
        return screens + 4 <= body.Length ? Get(body, screens) : throw new IOException("the X server has no screen");
    }

    private async Task<byte[]?> AskAsync(byte[] request, CancellationToken cancel)
    {
        await stream.WriteAsync(request, cancel).ConfigureAwait(false);
        while (true)
        {
            var message = await ReadAsync(cancel).ConfigureAwait(false);
            if (message[0] == 1) return message;
            if (message[0] == 0) return null;    // an error: the window is gone
            Keep(message);
        }
    }

    /// <summary>A reply (1), an error (0) or an event.</summary>
    private async Task<byte[]> ReadAsync(CancellationToken cancel)
    {
        var message = new byte[32];
        await stream.ReadExactlyAsync(message, cancel).ConfigureAwait(false);
        if (message[0] != 1) return message;
        var rest = 4L * Get(message, 4);
        if (rest > MaxReply) throw new IOException("a reply of the X server is too long");
        var reply = new byte[32 + rest];
        message.CopyTo(reply, 0);
        await stream.ReadExactlyAsync(reply.AsMemory(32), cancel).ConfigureAwait(false);
        return reply;
    }

    private void Keep(byte[] message)
    {
        var code = (byte)(message[0] & 0x7F);
        if (code is FocusIn or FocusOut) events.Enqueue(new(code, Get(message, 4), message[8]));
        else if (code is MapNotify or UnmapNotify or ReparentNotify) events.Enqueue(new(code, Get(message, 8), 0));
        if (events.Count > MaxKept) throw new IOException("the X server sends more events than can be kept");
    }

    private static byte[] Of(byte code, uint window)
    {
        var request = Request(code, 0, 8);
        Put(request, 4, window);
        return request;
    }

    private static byte[] Request(byte code, byte detail, int length)
    {
        var request = new byte[length];
        request[0] = code;
        request[1] = detail;
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(2), (ushort)(length / 4));
        return request;
    }

    private static void Put(byte[] to, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(to.AsSpan(at), value);

    private static uint Get(byte[] from, int at) => BinaryPrimitives.ReadUInt32LittleEndian(from.AsSpan(at));
}
