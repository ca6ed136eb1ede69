using System.Globalization;
using System.Runtime.InteropServices;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Qubes;
using Qfx.Streams.Domains;

namespace Qfx.Tests.Support.Roles;

/// <summary>Changes a Qubes database, and is killed before the given system call of it: <c>PATH STEP add|remove</c>.</summary>
internal static class DyingUpdate
{
    public static async Task<int> PlayAsync(string[] arguments)
    {
        var calls = new FaultyCalls { Before = int.Parse(arguments[1], CultureInfo.InvariantCulture), Then = Die };
        var database = new QubesDatabase(arguments[0], calls: calls);
        if (arguments[2] == "add") await database.AddDisposableAsync(VmName.Parse("disp9"), VmName.Parse("saved"), VmLabel.Red, CancellationToken.None);
        else await database.RemoveDisposableAsync(VmName.Parse("disp1"), CancellationToken.None);
        return 0;
    }

    private static Exception Die(string call)
    {
        _ = kill(Environment.ProcessId, 9);
        throw new InvalidOperationException($"alive after SIGKILL, at {call}");
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // libc's own names, in a test
    [DllImport("libc")]
    private static extern int kill(int process, int signal);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
