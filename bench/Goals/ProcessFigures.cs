using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Qfx.Bench.Goals;

/// <summary>What another process has used: clock_getcpuclockid(3), proc(5).</summary>
internal static partial class ProcessFigures
{
    private const long NanosecondsASecond = 1_000_000_000;

    /// <summary>CPU time of all its threads, those that have ended among them, to the nanosecond.</summary>
    public static TimeSpan CpuOf(int process)
    {
        var error = ClockOf(process, out var clock);
        if (error != 0) throw new Win32Exception(error);
        if (Read(clock, out var time) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        return TimeSpan.FromTicks(((time.Seconds * NanosecondsASecond) + time.Nanoseconds) / (NanosecondsASecond / TimeSpan.TicksPerSecond));
    }

    /// <summary>Resident memory, in MiB.</summary>
    public static double ResidentOf(int process) => NumberIn($"/proc/{process}/status", "VmRSS:") / 1024.0;

    /// <summary>How often its threads were taken from a core or put on one again: each time one wakes up, one more.</summary>
    public static long SwitchesOf(int process) => Directory.EnumerateDirectories($"/proc/{process}/task")
        .Sum(thread => NumberIn($"{thread}/status", "voluntary_ctxt_switches:"));

    private static long NumberIn(string file, string key)
    {
        var line = File.ReadLines(file).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static partial int ClockOf(int process, out int clock);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int Read(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
