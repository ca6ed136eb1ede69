using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Qfx.Guest.Archive;
using Qfx.Guest.Copying;
using Qfx.Guest.Progress;

namespace Qfx.Bench;

/// <summary>A guest's copy of 900 MiB onto a pendrive, beside <c>cp</c> onto the same mount; each with what it takes until all is on the device.</summary>
internal static class GuestCopy
{
    private const int Files = 9;
    private const int FileMiB = 100;
    private const int Rounds = 5;
    private const double Target = 0.9;
    private const string Filler = "pendrive";

    /// <remarks>Needs root and a loop device; where the kernel has no vfat, the volume is ext4, which is said.</remarks>
    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("qfx-copy-").FullName;
        var (source, image, mount) = (Path.Combine(folder, "source"), Path.Combine(folder, Filler), Path.Combine(folder, "mount"));
        Directory.CreateDirectory(source);
        Directory.CreateDirectory(mount);
        for (var i = 0; i < Files; i++) File.WriteAllBytes(Path.Combine(source, string.Create(CultureInfo.InvariantCulture, $"file {i}")), RandomNumberGenerator.GetBytes(FileMiB << 20));
        var vfat = File.ReadAllText("/proc/filesystems").Contains("vfat", StringComparison.Ordinal);
        using (var file = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write)) RandomAccess.SetLength(file, 1100L << 20);
        Run("mkfs." + (vfat ? "vfat" : "ext4"), vfat ? [image] : ["-q", "-F", image]);
        var device = Run("losetup", ["--find", "--show", image]).Trim();
        try
        {
            var plan = Scan.Of([source], new VfatRules(), follow: false, CancellationToken.None);
            double Once(bool ours)
            {
                Run("mount", vfat ? ["-o", "utf8", device, mount] : [device, mount]);
                var clock = Stopwatch.StartNew();
                if (ours) TreeCopy.Run(plan, mount, new(plan.Bytes, new NoProgress(), TimeProvider.System), CancellationToken.None);
                else Run("cp", ["-r", "--preserve=timestamps", source, mount]);
                Run("sync", ["-f", mount]);
                var took = clock.Elapsed.TotalSeconds;
                Directory.Delete(Path.Combine(mount, "source"), recursive: true);
                Run("umount", [mount]);
                return took;
            }

            double Archive()
            {
                Run("blkdiscard", ["-f", device]);
                var clock = Stopwatch.StartNew();
                ArchiveWriter.Write(device, Scan.Of([source], new ArchiveRules(), follow: false, CancellationToken.None), new(plan.Bytes, new NoProgress(), TimeProvider.System), CancellationToken.None);
                return clock.Elapsed.TotalSeconds;
            }

            Once(ours: false);    // the source is in memory, and the image has its blocks
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                theirs.Add(Once(ours: false));
                ours.Add(Once(ours: true));
            }

            var archive = Enumerable.Range(0, 3).Select(_ => Archive()).Order().ElementAt(1);
            double Speed(IEnumerable<double> took) => Files * FileMiB / took.Order().ElementAt(Rounds / 2);
            var ratio = Speed(ours) / Speed(theirs);
            Console.WriteLine($"{Files * FileMiB} MiB in {Files} files onto {(vfat ? "vfat" : "ext4 (this kernel has no vfat)")} on a loop device, until synced; median of {Rounds} by turns");
            Console.WriteLine($"cp {Speed(theirs),7:F0} MiB/s   qvm-copy-to-vm {Speed(ours),7:F0} MiB/s   ratio {ratio:F2} ≥ {Target}{(ratio >= Target ? "" : "   missed")}");
            Console.WriteLine($"as an archive onto the raw device {Files * FileMiB / archive:F0} MiB/s");
            return 0;
        }
        finally
        {
            Run("losetup", ["-d", device]);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
