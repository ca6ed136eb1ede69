using System.Runtime.InteropServices;
using Qfx.Guest.Disposable;
using Qfx.Guest.Raw;

namespace Qfx.Tests.Support.Roles;

/// <summary>Puts <c>what it became</c> in the place of a file, as a user who is not root: <c>FILE HOME</c>. Says where it is, and why.</summary>
internal static class ReplyAsNobody
{
    private const uint Nobody = 65534;

    public static async Task<int> PlayAsync(string[] arguments)
    {
        // Once as we are: what is loaded then need not be readable for nobody.
        var first = Path.Combine(arguments[1], "first");
        await File.WriteAllTextAsync(first, "");
        await TakeAsync(first, arguments[1]);
        _ = setresuid(Nobody, Nobody, Nobody);    // fails where we are not root anyway

        var (path, why) = await TakeAsync(arguments[0], arguments[1]);
        await Console.Out.WriteAsync($"{path}: {why}");
        return 0;
    }

    private static async Task<(string Path, string? Why)> TakeAsync(string original, string home)
    {
        using var pendrive = new MemoryStream([.. new RawHeader(14, "a", null).Encode(), .. "what it became"u8]);
        return await ReplyFile.TakeAsync(pendrive, original, null, home, CancellationToken.None);
    }

#pragma warning disable SYSLIB1054, CA5392, IDE1006 // libc's own names, in a test
    [DllImport("libc")]
    private static extern int setresuid(uint real, uint effective, uint saved);
#pragma warning restore SYSLIB1054, CA5392, IDE1006
}
