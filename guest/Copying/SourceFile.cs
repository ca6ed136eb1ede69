using Microsoft.Win32.SafeHandles;
using Qfx.Guest.Host;

namespace Qfx.Guest.Copying;

/// <summary>Reads a file that was looked at before: what it was then is what is sent.</summary>
internal static class SourceFile
{
    /// <summary>Opens it; something else in its place, such as a pipe that would be waited for, is not read.</summary>
    /// <exception cref="IOException">It cannot be opened, or is something else now.</exception>
    public static SafeFileHandle Open(Item item)
    {
        var file = Libc.Open(item.Source, Libc.ReadOnly | Libc.NonBlocking | Libc.NoTerminal | Libc.CloseOnExec);
        if (file.IsInvalid) throw new IOException(Libc.LastError);
        if (FileStatus.Of($"/proc/self/fd/{file.DangerousGetHandle()}", follow: true) is { } now && now.Identity == item.Status.Identity) return file;
        file.Dispose();
        throw new IOException("another file has taken its place");
    }

    /// <summary>Bytes from <paramref name="at"/> on, never past what it had when it was looked at.</summary>
    /// <exception cref="IOException">It has become shorter.</exception>
    public static int Read(SafeFileHandle file, Item item, Span<byte> buffer, long at)
    {
        var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, item.Bytes - at)], at);
        return read > 0 ? read : throw new IOException("it has become shorter meanwhile");
    }
}
