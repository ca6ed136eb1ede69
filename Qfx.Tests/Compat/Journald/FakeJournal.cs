using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Qfx.Tests.Support;

namespace Qfx.Tests.Compat.Journald;

/// <summary>A socket that takes entries as journald does, and reads them by the book: systemd's "Native Journal Protocol".</summary>
internal sealed unsafe partial class FakeJournal : IDisposable
{
    private const int GetSeals = 1034;    // F_GET_SEALS
    private const int ControlSize = 64;

    private readonly TempFolder folder = new();
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };

    public FakeJournal() => socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path => folder["socket"];

    /// <summary>The seals of the file that the last entry came in; null for a plain datagram.</summary>
    public int? Seals { get; private set; }

    /// <summary>The next entry's fields, in order.</summary>
    public List<(string Name, string Value)> Read()
    {
        var entry = Receive();
        var fields = new List<(string, string)>();
        for (var at = 0; at < entry.Length;)
        {
            var rest = entry.AsSpan(at);
            var line = rest[..rest.IndexOf((byte)'\n')];
            var equals = line.IndexOf((byte)'=');
            if (equals >= 0)
            {
                fields.Add((Encoding.ASCII.GetString(line[..equals]), Encoding.UTF8.GetString(line[(equals + 1)..])));
                at += line.Length + 1;
                continue;
            }

            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest[(line.Length + 1)..]);
            var value = rest.Slice(line.Length + 1 + sizeof(ulong), length);
            fields.Add((Encoding.ASCII.GetString(line), Encoding.UTF8.GetString(value)));
            at += line.Length + 1 + sizeof(ulong) + length;
            Assert.Equal((byte)'\n', entry[at++]);
        }

        return fields;
    }

    public void Dispose()
    {
        socket.Dispose();
        folder.Dispose();
    }

    private byte[] Receive()
    {
        var buffer = new byte[1 << 20];
        var control = stackalloc byte[ControlSize];
        nint received;
        MessageHeader header;
        fixed (byte* start = buffer)
        {
            var vector = new Vector { Start = start, Length = (nuint)buffer.Length };
            header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlSize };
            received = RecvMsg(socket.SafeHandle, &header, 0);
        }

        Assert.True(received >= 0, $"recvmsg: {Marshal.GetLastPInvokeErrorMessage()}");
        Seals = null;
        if (header.ControlLength == 0) return buffer[..(int)received];

        // struct cmsghdr: the length, SOL_SOCKET, SCM_RIGHTS, and the one descriptor.
        Assert.Equal(0, received);
        Assert.Equal((20L, 1, 1), (*(long*)control, *(int*)(control + 8), *(int*)(control + 12)));
        using var file = new SafeFileHandle(*(int*)(control + 16), ownsHandle: true);
        Seals = Fcntl(file, GetSeals, 0);
        var entry = new byte[RandomAccess.GetLength(file)];
        Assert.Equal(entry.Length, RandomAccess.Read(file, entry, 0));
        return entry;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint RecvMsg(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
