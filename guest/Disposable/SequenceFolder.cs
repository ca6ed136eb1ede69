using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Qfx.Guest.Disposable;

/// <summary>Which file each opening in a disposable VM is about: <c>.dvm</c> in a person's home, as in 2010.</summary>
/// <remarks>
/// <c>seq</c>: the last number given out, a native 4-byte integer. <c>&lt;SEQ&gt;</c>: the full path of a file, and a NUL. This
/// project adds <c>&lt;SEQ&gt;.sum</c>: the SHA-256 of what was sent, in hex, so that a file that was changed here meanwhile is not lost.
/// </remarks>
internal sealed partial class SequenceFolder(string home)
{
    private const int MaxPath = 4096;                         // bytes, PATH_MAX
    private const int ReadWriteCreateCloseOnExec = 0x80042;   // O_RDWR | O_CREAT | O_CLOEXEC
    private const int Exclusive = 2;                          // LOCK_EX
    private const int Unlock = 8;                             // LOCK_UN
    private const uint OwnerOnly = 0b110_000_000;
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private string Folder => Path.Combine(home, ".dvm");

    /// <summary>Takes the next number, 1 to 2³¹−1, under a lock; it is on disk when this returns.</summary>
    /// <exception cref="IOException">It could not be taken.</exception>
    public int Next()
    {
        Directory.CreateDirectory(Folder, FolderMode);
        using var file = OpenFile(Path.Combine(Folder, "seq"), ReadWriteCreateCloseOnExec, OwnerOnly);
        if (file.IsInvalid || Flock(file, Exclusive) != 0)
            throw new IOException($"{Folder}/seq: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        var bytes = new byte[sizeof(int)];
        var last = RandomAccess.Read(file, bytes, 0) == bytes.Length ? BitConverter.ToInt32(bytes) : 0;
        int next;
        do
        {
            next = last is > 0 and < int.MaxValue ? last + 1 : 1;
            last = next;
        }
        while (File.Exists(EntryOf(next)));    // after a wrap, or a counter that was lost
        RandomAccess.Write(file, BitConverter.GetBytes(next), 0);
        RandomAccess.FlushToDisk(file);
        _ = Flock(file, Unlock);    // now, and not when the last copy of the handle is closed: a process that is just being started has one
        return next;
    }

    /// <summary>Remembers where an answer goes.</summary>
    /// <param name="seq">A number just taken.</param>
    /// <param name="path">A full path.</param>
    /// <param name="sum">Of what is sent.</param>
    public void Remember(int seq, string path, byte[] sum)
    {
        Write(EntryOf(seq) + ".sum", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(sum)));
        Write(EntryOf(seq), [.. Encoding.UTF8.GetBytes(path), 0]);
    }

    /// <summary>Where an answer goes; null if none is expected under this number.</summary>
    /// <exception cref="GuestException">What is written there is no path.</exception>
    public string? PathOf(int seq)
    {
        if (!File.Exists(EntryOf(seq))) return null;
        using var file = File.OpenHandle(EntryOf(seq));
        var bytes = new byte[MaxPath + 1];
        var read = RandomAccess.Read(file, bytes, 0);
        var end = bytes.AsSpan(0, read).IndexOf((byte)0);
        var path = Encoding.UTF8.GetString(bytes, 0, end < 0 ? read : end);
        return end > 0 && path[0] == '/' && !path.Contains('\uFFFD', StringComparison.Ordinal)
            ? path
            : throw new GuestException(ExitCode.Failed, $"{EntryOf(seq)} holds no path that can be used.");
    }

    /// <summary>The checksum of what was sent; null if an old guest sent it.</summary>
    public byte[]? SumOf(int seq)
    {
        try
        {
            return Convert.FromHexString(File.ReadAllText(EntryOf(seq) + ".sum"));
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The answer was taken, or none will come.</summary>
    public void Forget(int seq)
    {
        File.Delete(EntryOf(seq));
        File.Delete(EntryOf(seq) + ".sum");
    }

    /// <summary>Drops what nobody has answered for thirty days.</summary>
    public void ForgetOld(DateTimeOffset now)
    {
        if (!Directory.Exists(Folder)) return;
        foreach (var entry in Directory.EnumerateFiles(Folder).Where(file => char.IsAsciiDigit(Path.GetFileName(file)[0])).ToArray())
        {
            if (File.GetLastWriteTimeUtc(entry) < (now - Kept).UtcDateTime) File.Delete(entry);
        }
    }

    private string EntryOf(int seq) => Path.Combine(Folder, seq.ToString(CultureInfo.InvariantCulture));

    private static void Write(string path, byte[] bytes)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
