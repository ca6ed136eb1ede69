using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Serilog.Sinks.Journald;

/// <summary>What of libc the framework does not offer: files in memory, and files passed over a socket. Linux's numbers, 64 bits.</summary>
internal static unsafe partial class Libc
{
    public const uint CloseOnExec = 0x1;     // MFD_CLOEXEC
    public const uint AllowSealing = 0x2;    // MFD_ALLOW_SEALING
    public const int AddSeals = 1033;        // F_ADD_SEALS
    public const int AllSeals = 0xF;         // F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
    public const int SocketLevel = 1;        // SOL_SOCKET
    public const int Rights = 1;             // SCM_RIGHTS
    public const int NoSignal = 0x4000;      // MSG_NOSIGNAL

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMsg(SafeSocketHandle socket, Message* message, int flags);

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public byte* Name;
        public uint NameLength;
        public void* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct cmsghdr with one file descriptor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileControl
    {
        public const int Padding = sizeof(int);    // counts for the room of it, not for its length

        public nuint Length;
        public int Level;
        public int Type;
        public int File;
    }
}
