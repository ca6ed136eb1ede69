using System.Globalization;
using System.Runtime.InteropServices;

namespace Qfx.Bench.Goals;

/// <summary>What the figures belong to.</summary>
internal sealed record Machine(string Cpu, int Cores, int MemoryMiB, string Kernel, string Os, string DotNet, string Xenstored, string Load)
{
    public static Machine Here() => new(
        Value("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        int.Parse(Value("/proc/meminfo", "MemTotal")!.Split(' ')[0], CultureInfo.InvariantCulture) / 1024,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Value("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? "?",
        RuntimeInformation.FrameworkDescription,
        Directory.EnumerateDirectories("/usr/lib", "xen-*").Where(xen => File.Exists(Path.Combine(xen, "bin/xenstored"))).Select(xen => $"C xenstored of {Path.GetFileName(xen)}").FirstOrDefault() ?? "none",
        string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Cores} cores of {Cpu}, {MemoryMiB} MiB, Linux {Kernel}, {Os}, {DotNet}, {Xenstored} as a plain process; load before: {Load}");

    private static string? Value(string file, string key, char separator = ':') => File.ReadLines(file)
        .Where(line => line.StartsWith(key, StringComparison.Ordinal))
        .Select(line => line.Split(separator, 2)[1].Trim())
        .FirstOrDefault();
}
