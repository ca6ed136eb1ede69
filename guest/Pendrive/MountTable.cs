using Qfx.Guest.Host;

namespace Qfx.Guest.Pendrive;

/// <summary>Waits for an unmount. The kernel says when the table of mounts changes: proc(5), /proc/pid/mountinfo.</summary>
internal static class MountTable
{
    /// <summary>Ends when nothing is mounted there.</summary>
    public static Task UnmountedAsync(string where, CancellationToken cancel) =>
        KernelChanges.UntilAsync("/proc/self/mountinfo", table => !IsMounted(table, where), cancel);

    /// <summary>Whether a line of mountinfo is about this mount point; octal escapes stand for blanks and the like.</summary>
    internal static bool IsMounted(string table, string where) =>
        table.Split('\n').Any(line => line.Split(' ') is { Length: > 4 } fields && fields[4] == where.Replace("\\", "\\134", StringComparison.Ordinal)
            .Replace(" ", "\\040", StringComparison.Ordinal).Replace("\t", "\\011", StringComparison.Ordinal));
}
