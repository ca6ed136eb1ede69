using Qfx.Guest.Door;

namespace Qfx.Guest.Commands;

/// <summary><c>qfx-guest door</c>: serves one connection to /run/qfx/xenstore; started by systemd, with the connection as its input and output.</summary>
internal static class OpenDoor
{
    public const string Usage = """
        usage: qfx-guest door                    passes on what an ordinary user may ask dom0; started by qfx-guest-door.socket
        """;

    public static async Task<ExitCode> RunAsync(Call call)
    {
        if (call.Arguments.Length > 0) throw new GuestException(ExitCode.Usage, Usage);
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        var store = await call.StoreAsync().ConfigureAwait(false);
        using var door = new XenstoreDoor(store, output);
        await door.ServeAsync(input, call.Cancel).ConfigureAwait(false);
        return ExitCode.Ok;
    }
}
