namespace Qfx.Guest.Commands;

/// <summary><c>qvm-move-to-vm</c>: as a copy with <c>--archive</c>, and what has arrived is deleted here.</summary>
internal static class MoveToVm
{
    public const string Usage = """
        usage: qvm-move-to-vm [OPTION]… NAME FILE…    moves files and folders to another VM
          --skip      leaves what cannot be sent where it is, and says what
          --window    shows progress and errors in windows
          NAME        the receiver, or @ask: the person at the screen chooses
        They go as with qvm-copy-to-vm --archive, and are deleted here when the receiver has said that it has everything.
        """;

    public static Task<ExitCode> RunAsync(Call call) => SendFiles.RunAsync(call, move: true, Usage);
}
