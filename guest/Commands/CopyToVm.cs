namespace Qfx.Guest.Commands;

/// <summary><c>qvm-copy-to-vm</c>: a pendrive, the files on it, and on its way.</summary>
internal static class CopyToVm
{
    public const string Usage = $"""
        usage: qvm-copy-to-vm [OPTION]… NAME FILE…    copies files and folders to another VM
        {SendOptions.Words}
        """;

    public static Task<ExitCode> RunAsync(Call call) => SendFiles.RunAsync(call, move: false, Usage);
}
