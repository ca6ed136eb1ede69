using System.Globalization;
using System.Reactive;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Block;

/// <summary>The kernel's loop devices, by ioctl. Linux 5.8 or later: loop(4), include/uapi/linux/loop.h.</summary>
/// <remarks>
/// No partition scan: nothing in dom0 looks at what a guest has written. Which devices there are is read from sysfs; which file
/// one is over is asked of the device itself, on a handle that keeps it from being freed and bound anew meanwhile.
/// </remarks>
internal sealed class LoopDevices : ILoopDevices
{
    private const int Attempts = 64;    // others take free devices too

    private const nuint FreeDevice = 0x4C01;    // LOOP_CLR_FD
    private const nuint SetStatus = 0x4C04;    // LOOP_SET_STATUS64
    private const nuint GetStatus = 0x4C05;    // LOOP_GET_STATUS64
    private const nuint Configure = 0x4C0A;    // LOOP_CONFIGURE
    private const nuint GetFree = 0x4C82;    // LOOP_CTL_GET_FREE
    private const uint AutoClear = 4;    // LO_FLAGS_AUTOCLEAR

    private const string Control = "/dev/loop-control";
    private const string Blocks = "/sys/block";
    private const string Deleted = " (deleted)";

    /// <summary>Why there are no loop devices for this process; null if there are.</summary>
    public static string? Missing()
    {
        using var control = Libc.Open(Control, Libc.ReadWrite | Libc.CloseOnExec);
        return control.IsInvalid ? $"{Control}: {Libc.Why()}" : null;
    }

    public LoopDevice Bind(ImageFile image)
    {
        using var control = Libc.Open(Control, Libc.ReadWrite | Libc.CloseOnExec);
        if (control.IsInvalid) throw Failed(image, $"{Control}: {Libc.Why()}");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var number = Libc.Control(control, GetFree, 0);
            if (number < 0) throw Failed(image, $"no loop device is free: {Libc.Why()}");
            using var device = OpenDevice(number, Libc.ReadWrite);
            if (device.IsInvalid) throw Failed(image, $"/dev/loop{number}: {Libc.Why()}");
            var config = new Libc.LoopConfig { File = (uint)image.Handle.DangerousGetHandle() };
            if (Libc.Control(device, Configure, ref config) == 0) return Described(device, number, image);
            if (Marshal.GetLastPInvokeError() != Libc.EBUSY) throw Failed(image, $"/dev/loop{number}: {Libc.Why()}");
        }

        throw Failed(image, $"each of {Attempts} free loop devices was taken by somebody else first");
    }

    public bool Free(LoopDevice device, FileId image)
    {
        using var handle = OpenDevice(device.Number, Libc.ReadOnly);
        if (handle.IsInvalid || FileOf(handle) is not { } info || IdOf(info) != image) return false;

        // To be freed by the kernel when the last one closes it, us now or a backend later. Then nobody has to come back for it.
        if ((info.Flags & AutoClear) == 0)
        {
            info.Flags |= AutoClear;
            if (Libc.Control(handle, SetStatus, ref info) != 0) _ = Libc.Control(handle, FreeDevice, 0);
        }

        return true;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// By the file's name, then by what the file is. The kernel names the path within the mounts of whoever bound it: once those are gone, as after a restart of
    /// the service, whose spool is a mount of its own, nothing is left of it but its end.
    /// </remarks>
    public IReadOnlyList<LoopDevice> Over(ImageFile image) =>
    [
        .. Bound().Where(bound => Path.GetFileName(bound.Path) == Path.GetFileName(image.Path))
            .Select(bound => Look(bound.Number))
            .Where(seen => seen?.File == image.Id)
            .Select(seen => seen!.Value.Device),
    ];

    public IObservable<Unit> Closings(string file) => FileCloses.Of(file);

    /// <summary>Which devices are bound, and to what, by name: a hint whom to ask. Others are not even opened.</summary>
    private static IEnumerable<(int Number, string Path)> Bound()
    {
        foreach (var block in Directory.EnumerateDirectories(Blocks, "loop*"))
        {
            if (!int.TryParse(Path.GetFileName(block.AsSpan())[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            string path;
            try
            {
                path = File.ReadAllText(Path.Combine(block, "loop/backing_file")).TrimEnd('\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;    // not bound
            }

            yield return (number, path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path);
        }
    }

    private static (LoopDevice Device, FileId File)? Look(int number)
    {
        using var handle = OpenDevice(number, Libc.ReadOnly);
        return !handle.IsInvalid && FileOf(handle) is { } info && NumbersOf(handle) is var (major, minor)
            ? (new(number, major, minor), IdOf(info)) : null;
    }

    private static LoopDevice Described(SafeFileHandle device, int number, ImageFile image)
    {
        if (FileOf(device) is { } info && IdOf(info) == image.Id && NumbersOf(device) is var (major, minor)) return new(number, major, minor);
        throw Failed(image, $"/dev/loop{number} is over another file");
    }

    private static SafeFileHandle OpenDevice(int number, int flags) =>
        Libc.Open(string.Create(CultureInfo.InvariantCulture, $"/dev/loop{number}"), flags | Libc.CloseOnExec);

    private static Libc.LoopInfo? FileOf(SafeFileHandle device)
    {
        var info = default(Libc.LoopInfo);
        return Libc.Control(device, GetStatus, ref info) == 0 ? info : null;
    }

    private static FileId IdOf(Libc.LoopInfo info) => new(info.Device, info.Inode);

    private static (int Major, int Minor)? NumbersOf(SafeFileHandle device) =>
        Libc.Stat(device, "", Libc.EmptyPath, Libc.BasicStats, out var stats) == 0 && (stats.Mode & Libc.FormatMask) == Libc.BlockDevice
            ? ((int)stats.OfDeviceMajor, (int)stats.OfDeviceMinor) : null;

    private static BlockDeviceException Failed(ImageFile image, string why) =>
        new(BlockDeviceFault.Failed, $"no loop device for {image.Path}: {why}");
}
