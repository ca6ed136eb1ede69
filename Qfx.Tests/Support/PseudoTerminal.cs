using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Tests.Support;

/// <summary>A character device that anybody may make: what is written to one end is read at the other, byte for byte.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int RawBytes = 256;    // more than struct termios has

    private PseudoTerminal(string path, Stream otherEnd)
    {
        Path = path;
        OtherEnd = otherEnd;
    }

    /// <summary>The device.</summary>
    public string Path { get; }

    /// <summary>What talks with whoever has opened it.</summary>
    public Stream OtherEnd { get; }

    /// <summary>Null where there are none.</summary>
    public static PseudoTerminal? TryOpen()
    {
        const int ReadWriteNoTerminal = 0x102;
        var master = posix_openpt(ReadWriteNoTerminal);
        if (master < 0) return null;
        var handle = new SafeFileHandle(master, ownsHandle: true);
        var name = new byte[100];
        var terminal = new byte[RawBytes];
        if (unlockpt(master) != 0 || ptsname_r(master, name, (nuint)name.Length) != 0 || tcgetattr(master, terminal) != 0)
        {
            handle.Dispose();
            return null;
        }

        cfmakeraw(terminal);
        Assert.Equal(0, tcsetattr(master, 0, terminal));
        return new(Encoding.ASCII.GetString(name).TrimEnd('\0'), new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0));
    }

    public void Dispose() => OtherEnd.Dispose();

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // libc's own names, in a test
    [DllImport("libc")]
    private static extern int posix_openpt(int flags);

    [DllImport("libc")]
    private static extern int unlockpt(int file);

    [DllImport("libc")]
    private static extern int ptsname_r(int file, byte[] name, nuint length);

    [DllImport("libc")]
    private static extern int tcgetattr(int file, byte[] terminal);

    [DllImport("libc")]
    private static extern int tcsetattr(int file, int action, byte[] terminal);

    [DllImport("libc")]
    private static extern void cfmakeraw(byte[] terminal);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
