using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Block;

/// <summary>An image that is held open, so that its numbers mean it and no other file.</summary>
internal sealed class ImageFile : IDisposable
{
    private ImageFile(SafeFileHandle handle, FileId id, string path)
    {
        Handle = handle;
        Id = id;
        Path = path;
    }

    public SafeFileHandle Handle { get; }

    /// <summary>As the loop driver gives it.</summary>
    public FileId Id { get; }

    /// <summary>As the kernel names it: through no link, and with " (deleted)" behind it if it is.</summary>
    public string Path { get; }

    /// <summary>Opens an image to be read and written.</summary>
    /// <exception cref="BlockDeviceException">It is not there, a link, or no regular file.</exception>
    public static ImageFile Open(string path) => Open(path, Libc.ReadWrite);

    /// <summary>Opens it only to know which file it is: nobody who waits for its end notices.</summary>
    /// <exception cref="BlockDeviceException">It is not there, a link, or no regular file.</exception>
    public static ImageFile Identify(string path) => Open(path, Libc.PathOnly);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static ImageFile Open(string path, int flags)
    {
        var handle = Libc.Open(path, flags | Libc.NoFollow | Libc.CloseOnExec);
        if (handle.IsInvalid) throw Failed(path, Libc.Why());
        try
        {
            if (Libc.Stat(handle, "", Libc.EmptyPath, Libc.BasicStats, out var stats) != 0) throw Failed(path, Libc.Why());
            if ((stats.Mode & Libc.FormatMask) != Libc.RegularFile) throw Failed(path, "it is no regular file");
            var link = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
            return new(handle, new(DeviceNumber(stats.Major, stats.Minor), stats.Inode), File.ResolveLinkTarget(link, false)?.FullName ?? path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            throw e as BlockDeviceException ?? Failed(path, e.Message);
        }
    }

    /// <summary>As the kernel writes a device's number in 32 bits. include/linux/kdev_t.h, new_encode_dev.</summary>
    private static ulong DeviceNumber(uint major, uint minor) => (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);

    private static BlockDeviceException Failed(string path, string why) => new(BlockDeviceFault.Failed, $"the image {path} cannot be attached: {why}");
}
