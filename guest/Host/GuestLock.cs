using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Host;

/// <summary>Keeps two of the programs apart: a VM has one request key, and one status key that tells of the last request.</summary>
/// <remarks>flock(2): the kernel lets go of it when the program ends, however.</remarks>
internal sealed partial class GuestLock : IDisposable
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int Interrupted = 4;
    private const int ReadWriteCreateCloseOnExec = 0x80042;

    private readonly SafeFileHandle file;

    private GuestLock(SafeFileHandle file) => this.file = file;

    /// <summary>At once or not at all: who has it may be waiting for a person, and so may who wants it.</summary>
    /// <exception cref="GuestException">Another one has it.</exception>
    public static GuestLock Take(string folder)
    {
        var file = Open(folder);
        if (Flock((int)file.DangerousGetHandle(), Exclusive | NonBlocking) == 0) return new(file);
        file.Dispose();
        throw new GuestException(ExitCode.Busy, $"Another transfer is under way in this VM ({PathIn(folder)} is taken). Try again when it is over.");
    }

    /// <summary>When whoever has it is done: for what nobody can be asked to try again, such as the end of a transfer.</summary>
    public static async Task<GuestLock> WaitAsync(string folder, CancellationToken cancel)
    {
        var file = Open(folder);
        try
        {
            var fd = (int)file.DangerousGetHandle();
            await Task.Factory.StartNew(() => Block(fd), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(cancel).ConfigureAwait(false);
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    private static void Block(int fd)
    {
        while (Flock(fd, Exclusive) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new GuestException(ExitCode.Failed, $"The lock of this VM cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Not a FileStream: it would take a flock of its own.</summary>
    private static SafeFileHandle Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException(ExitCode.Failed, e.Message, e);
        }

        var file = OpenFile(PathIn(folder), ReadWriteCreateCloseOnExec, 0b110_000_000);
        return file.IsInvalid
            ? throw new GuestException(ExitCode.Failed, $"{PathIn(folder)} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}")
            : file;
    }

    private static string PathIn(string folder) => Path.Combine(folder, "qfx.lock");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int fd, int operation);
}
