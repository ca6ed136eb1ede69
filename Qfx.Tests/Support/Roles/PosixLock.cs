using System.Runtime.InteropServices;

namespace Qfx.Tests.Support.Roles;

/// <summary>Takes a lock by process, as <c>lockf</c> of the Python tools does: <c>PATH</c>. Says <c>held</c>, and holds it until a line comes or the test is gone.</summary>
internal static class PosixLock
{
    private const int SetAndWait = 7;    // F_SETLKW
    private const short Write = 1;       // F_WRLCK

    public static int Play(string[] arguments)
    {
        using var file = File.OpenHandle(arguments[0], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var whole = new Flock { Type = Write };
        if (fcntl((int)file.DangerousGetHandle(), SetAndWait, ref whole) != 0) return 1;
        Console.Out.WriteLine("held");
        Console.Out.Flush();
        _ = Console.In.ReadLine();
        return 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Flock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // libc's own names, in a test
    [DllImport("libc")]
    private static extern int fcntl(int file, int command, ref Flock argument);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
