using Qfx.Guest.Host;

namespace Qfx.Guest.Copying;

/// <summary>What a path names, itself: a link is not followed. inode(7).</summary>
internal enum FileKind
{
    Other,
    File,
    Folder,
    Link,
    Device,
    Pipe,
    Socket,
}

/// <summary>statx(2) of a path.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Permissions">The lower twelve bits of its mode.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its contents last changed.</param>
/// <param name="Identity">The same for two paths that name one thing.</param>
internal readonly record struct FileStatus(FileKind Kind, UnixFileMode Permissions, long Size, DateTimeOffset Modified, (ulong Device, ulong Inode) Identity)
{
    private const int TypeMask = 0xF000;
    private const int PermissionMask = 0xFFF;

    /// <summary>Null where nothing is, or nothing that this user may see.</summary>
    public static FileStatus? Of(string path, bool follow = false)
    {
        if (Libc.Statx(Libc.AtCurrent, path, follow ? 0 : Libc.AtNoFollow, Libc.BasicStatus, out var status) != 0) return null;
        var kind = (status.Mode & TypeMask) switch
        {
            0x1000 => FileKind.Pipe,
            0x2000 or 0x6000 => FileKind.Device,
            0x4000 => FileKind.Folder,
            0x8000 => FileKind.File,
            0xA000 => FileKind.Link,
            0xC000 => FileKind.Socket,
            _ => FileKind.Other,
        };
        return new(
            kind,
            (UnixFileMode)(status.Mode & PermissionMask),
            (long)status.Size,
            DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(status.ModifiedSeconds, -62_135_596_800, 253_402_300_799)).AddTicks(status.ModifiedNanoseconds / 100),
            (((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode));
    }
}
