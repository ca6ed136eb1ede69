using System.Diagnostics;
using Qfx.Daemon.Images;

namespace Qfx.Bench.Goals;

/// <summary>A fresh pendrive of 1 GiB: a sparse file with one vfat volume and its label, beside <c>truncate</c> and <c>mkfs.vfat</c>.</summary>
internal sealed class PendriveSection : ISection
{
    private const int Each = 20;    // pendrives a round
    private const int MiB = 1024;
    private const string MakeFileSystem = "/usr/sbin/mkfs.vfat";

    private readonly Goal fresh = new("a fresh pendrive of 1 GiB", "ms") { Peer = "truncate and mkfs.vfat" };
    private readonly Goal written = new("what it takes of the disk", "KiB") { Peer = "truncate and mkfs.vfat" };

    public PendriveSection() => (fresh, written) = (fresh with { Limit = Limit.RatioAtMost(fresh, 1 / 20.0) }, written with { Limit = Limit.AtMost(written, 64) });

    public IReadOnlyList<Goal> Goals => [fresh, written];

    public string? Missing => File.Exists(MakeFileSystem) ? null : "There is no mkfs.vfat: install dosfstools.";

    public Task MeasureAsync(Measurements into, int runs)
    {
        var folder = Directory.CreateTempSubdirectory("qfx-goals-");
        using (var spool = ImageStore.Open(folder.FullName))
        {
            Ours(spool);    // everything has run once
            for (var round = 0; round < runs; round++)
            {
                Add(into, Side.Ours, () => Ours(spool));
                Add(into, Side.Peer, () => Peer(Path.Combine(folder.FullName, "peer")));
            }
        }

        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    private void Add(Measurements into, Side side, Func<(double Took, double Allocated)> make)
    {
        var made = Enumerable.Range(0, Each).Select(_ => make()).ToArray();
        into.Add(fresh.Name, side, Figures.Rank([.. made.Select(each => each.Took)], 0.5));
        into.Add(written.Name, side, Figures.Rank([.. made.Select(each => each.Allocated)], 0.5));
    }

    private static (double Took, double Allocated) Ours(ImageStore spool)
    {
        const string Name = "ours.img";
        var clock = Stopwatch.StartNew();
        spool.Create(Name, MiB, "WORK");
        var made = (clock.Elapsed.TotalMilliseconds, Allocated(spool.PathOf(Name)));
        spool.Delete(Name);
        return made;
    }

    private static (double Took, double Allocated) Peer(string path)
    {
        var clock = Stopwatch.StartNew();
        Run("truncate", "-s", $"{MiB}M", path);
        Run(MakeFileSystem, "-n", "WORK", path);
        var made = (clock.Elapsed.TotalMilliseconds, Allocated(path));
        File.Delete(path);
        return made;
    }

    private static double Allocated(string path) => AllocatedSize.Of(path)!.Value / 1024.0;

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
