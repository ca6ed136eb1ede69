using System.Globalization;
using Qfx.Daemon.Options;

namespace Qfx.Daemon.Doctor;

/// <summary>Images have a private place with room.</summary>
internal static class SpoolCheck
{
    private const string What = "spool";
    private const long MiB = 1 << 20;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static Finding Of(DaemonOptions options, Host host)
    {
        var folder = host.At(options.Spool);
        var there = folder;
        while (!Directory.Exists(there)) there = Path.GetDirectoryName(there)!;
        if (there == folder && (File.GetUnixFileMode(folder) & Others) != 0)
            return Finding.Bad(What, $"{options.Spool} is open to others", $"chmod 0700 {options.Spool}; the daemon does so when it starts");
        var free = new DriveInfo(there).AvailableFreeSpace / MiB;
        var room = string.Create(CultureInfo.InvariantCulture, $"{free} MiB free at {options.Spool}");
        if (free < options.Exchange.SizeMiB)
            return Finding.Bad(What, room, $"make room there: one pendrive may take {options.Exchange.SizeMiB} MiB");
        return free < options.SpoolMiB
            ? Finding.Warning(What, room, $"[spool] max_mib is {options.SpoolMiB}: lower it, or make room, before VMs fill dom0's disk")
            : Finding.Good(What, room);
    }
}
