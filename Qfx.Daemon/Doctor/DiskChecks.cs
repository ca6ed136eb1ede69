using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>What plugging a disk needs.</summary>
internal static class DiskChecks
{
    public static IEnumerable<Finding> Of(DaemonOptions options, Host host)
    {
        if (options.Devices == DeviceKind.Simulated)
        {
            yield return Finding.Warning("disks", "they are simulated", "set [devices] kind = native: no VM sees a simulated one");
            yield break;
        }

        yield return Blkback(host);
        if (options.Devices == DeviceKind.Xl)
        {
            yield return Program("xl", options.Xl, host, "install xen-utils, or set [devices] xl");
            yield break;
        }

        yield return host.Has("/dev/loop-control")
            ? Finding.Good("loop devices", "there")
            : Finding.Bad("loop devices", "/dev/loop-control is missing", "modprobe loop; to have it at every start, put loop into /etc/modules-load.d/qfx.conf");
        yield return Program("vbd script", options.VbdScript, host, "install it from the package, or set [devices] script: without it xl cannot take our disks away");
    }

    /// <summary>Nothing of dom0 may look at what a VM has written.</summary>
    public static Finding UdevRule(Host host)
    {
        const string What = "udev rule";
        const string Name = "59-qfx-spool.rules";
        return host.FirstOf($"/etc/udev/rules.d/{Name}", $"/usr/lib/udev/rules.d/{Name}", $"/lib/udev/rules.d/{Name}") is { } path
            ? Finding.Good(What, path)
            : Finding.Bad(What, $"{Name} is not installed, so dom0 probes what VMs have written", "install it from the package, then: udevadm control --reload");
    }

    private static Finding Blkback(Host host) =>
        host.Has("/sys/bus/xen-backend/drivers/vbd") || host.Has("/sys/module/xen_blkback")
            ? Finding.Good("blkback", "there")
            : Finding.Bad("blkback", "dom0's kernel serves no disks to VMs", "modprobe xen-blkback");

    private static Finding Program(string what, string path, Host host, string mend)
    {
        if (!host.Has(path)) return Finding.Bad(what, $"{path} is missing", mend);
        return (File.GetUnixFileMode(host.At(path)) & UnixFileMode.UserExecute) != 0
            ? Finding.Good(what, path)
            : Finding.Bad(what, $"{path} cannot be executed", $"chmod +x {path}");
    }
}
