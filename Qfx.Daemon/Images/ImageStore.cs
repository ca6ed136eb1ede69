using System.Threading.Channels;
using DiscUtils;
using DiscUtils.Fat;

namespace Qfx.Daemon.Images;

/// <summary>The spool: a folder of pendrive images, for the daemon alone.</summary>
/// <remarks>An image is written here once, when it is blank, and never opened again: what a guest has written into it is not parsed.</remarks>
internal sealed class ImageStore : IDisposable
{
    private const int Sector = 512;
    private const long MiB = 1024 * 1024;
    private const string GoneSuffix = ".gone";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string folder;
    private readonly FileStream mine;

    /// <summary>Sets this run's images apart from those of an earlier one.</summary>
    private readonly string run = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Images of earlier runs that are still needed: file names by name.</summary>
    private readonly Dictionary<string, string> adopted = [];

    private readonly long limit;    // bytes
    private readonly long? keepFree;    // bytes
    private readonly Func<long> free;
    private readonly bool overwrite;
    private readonly Channel<string> gone = Channel.CreateUnbounded<string>();
    private readonly Lock making = new();

    private ImageStore(string folder, FileStream mine, long limit, long? keepFree, Func<long> free, bool overwrite)
    {
        (this.limit, this.keepFree, this.free, this.overwrite) = (limit, keepFree, free, overwrite);
        this.folder = folder;
        this.mine = mine;
        foreach (var left in AllGone()) gone.Writer.TryWrite(left);
    }

    /// <summary>Images that are deleted and are still to be overwritten and removed, by path: those that an earlier run left, then each as it is deleted.</summary>
    public ChannelReader<string> Gone => gone.Reader;

    /// <summary>Opens the folder, makes it if it is missing, and keeps any other daemon out of it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="maxMiB">What all images may have allocated together; null for no bound but the disk's.</param>
    /// <param name="keepFreeMiB">What must stay free on its disk even if every pendrive there is gets filled; null: whatever the disk has may be promised.</param>
    /// <param name="free">Bytes that are free there; null: the file system says so.</param>
    /// <param name="overwrite">Whether an image that is deleted is to be overwritten first: it becomes one of <see cref="Gone"/>.</param>
    /// <exception cref="IOException">Another daemon has it, or it cannot be made private.</exception>
    public static ImageStore Open(string folder, int? maxMiB = null, int? keepFreeMiB = null, Func<long>? free = null, bool overwrite = false)
    {
        const UnixFileMode Private = OwnerOnly | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, Private);
        File.SetUnixFileMode(folder, Private);
        try
        {
            var mine = new FileStream(Path.Combine(folder, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
            return new(folder, mine, maxMiB is { } mib ? mib * MiB : long.MaxValue, keepFreeMiB * MiB, free ?? (() => new DriveInfo(folder).AvailableFreeSpace), overwrite);
        }
        catch (IOException e)
        {
            throw new IOException($"the spool {folder} is in use by another qfilexchgd, or broken: {e.Message}", e);
        }
    }

    /// <summary>Where an image is.</summary>
    /// <param name="name">A file name of our own making; never of guest text.</param>
    public string PathOf(string name) => Path.Combine(folder, adopted.GetValueOrDefault(name) ?? $"{run}-{name}");

    /// <summary>Where a file of the folder is.</summary>
    public string PathOfFile(string file) => Path.Combine(folder, Path.GetFileName(file));

    /// <summary>Takes over an image of an earlier run. To be called before <see cref="Sweep"/>.</summary>
    /// <param name="name">Its name from now on.</param>
    /// <param name="file">Its file's name in the folder, as <see cref="PathOf"/> gave it then.</param>
    /// <returns>False if it is not there.</returns>
    public bool Adopt(string name, string file)
    {
        if (Path.GetFileName(file) != file || !file.EndsWith(".img", StringComparison.Ordinal) || !File.Exists(Path.Combine(folder, file))) return false;
        adopted.Add(name, file);
        return true;
    }

    /// <summary>Makes a blank image: sparse, mode 0600.</summary>
    /// <param name="name">A file name of our own making.</param>
    /// <param name="mib">Its size in MiB.</param>
    /// <param name="label">
    /// The label of the one vfat volume that fills it, FAT16 under 512 MiB and FAT32 from there on; null for all zeros.
    /// </param>
    /// <exception cref="ImageException">It was not made; nothing is left.</exception>
    /// <exception cref="ArgumentException">Too small for a volume: under 5 MiB.</exception>
    /// <remarks>
    /// Never over something that is there, and never through a link: O_CREAT | O_EXCL. Not synced: a blank image that a power
    /// failure takes was nobody's work.
    /// </remarks>
    public void Create(string name, int mib, string? label)
    {
        lock (making) CreateAlone(PathOf(name), mib, label);
    }

    private void CreateAlone(string path, int mib, string? label)
    {
        CheckRoom(mib);
        FileStream? file = null;
        var blank = false;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly,
            });
            file.SetLength(mib * MiB);
            if (label is not null) Format(file, label);
            blank = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageException.Of($"the image {path} could not be made", e);
        }
        finally
        {
            if (file is not null && !blank) File.Delete(path);
            file?.Dispose();
        }
    }

    /// <summary>A disk that is full is a fault of all of dom0, so it is seen before VMs can bring it about: a pendrive that is there may still be filled.</summary>
    private void CheckRoom(int mib)
    {
        var (allocated, unfilled) = Usage();
        var room = limit - allocated;
        if (mib * MiB > room)
            throw new ImageException($"the spool may have {limit / MiB} MiB on the disk, of which {Math.Max(0, room) / MiB} are left, not {mib}", noSpace: true, null);
        if (keepFree is not { } keep) return;
        var left = free();
        if (left - unfilled - (mib * MiB) < keep)
        {
            throw new ImageException(
                $"the disk of {folder} has {left / MiB} MiB free, of which the pendrives that there are may still take {unfilled / MiB} and {keep / MiB} are to stay free: too little for {mib}",
                noSpace: true, null);
        }
    }

    /// <summary>What all images take of the disk, those that earlier runs have left among them.</summary>
    /// <returns>Bytes that they have allocated, with those that are to be overwritten; and that they may still take without becoming longer, without those.</returns>
    public (long Allocated, long Unfilled) Usage()
    {
        var (allocated, unfilled) = (0L, 0L);
        foreach (var path in Directory.EnumerateFiles(folder, "*.img*"))
        {
            var isGone = path.EndsWith(GoneSuffix, StringComparison.Ordinal);
            if (!isGone && !path.EndsWith(".img", StringComparison.Ordinal)) continue;
            var (taken, length) = FileUsage.Of(path);
            allocated += taken;
            if (!isGone) unfilled += Math.Max(0, length - taken);
        }

        return (allocated, unfilled);
    }

    /// <summary>Deletes an image; one that is not there is no error. Where it is to be overwritten, nobody can have it any more, and its bytes are gone later.</summary>
    /// <exception cref="ImageException">It is still there.</exception>
    public void Delete(string name)
    {
        try
        {
            Remove(PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ImageException.Of($"the image {PathOf(name)} could not be deleted", e);
        }
    }

    /// <summary>All images, by path.</summary>
    public IEnumerable<string> All() => Directory.EnumerateFiles(folder, "*.img");

    /// <summary>The images of earlier runs, by path.</summary>
    public IReadOnlyList<string> OfEarlierRuns() => [.. All()
        .Where(path => !Path.GetFileName(path).StartsWith(run + "-", StringComparison.Ordinal))];

    /// <summary>Deletes the images of earlier runs.</summary>
    /// <param name="held">Those that somebody still has; they stay.</param>
    /// <returns>How many were deleted.</returns>
    public int Sweep(IReadOnlySet<string> held)
    {
        var old = OfEarlierRuns().Where(path => !held.Contains(path) && !adopted.ContainsValue(Path.GetFileName(path))).ToArray();
        foreach (var path in old) Remove(path);
        foreach (var record in Directory.EnumerateFiles(folder, "*.img*" + PendriveRecord.Suffix + "*").ToArray())
        {
            if (!File.Exists(record[..^PendriveRecord.Suffix.Length]) || !record.EndsWith(PendriveRecord.Suffix, StringComparison.Ordinal)) File.Delete(record);
        }

        return old.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        gone.Writer.TryComplete();
        mine.Dispose();
    }

    /// <summary>The images that are still to be overwritten, by path.</summary>
    public IEnumerable<string> AllGone() => Directory.EnumerateFiles(folder, "*.img" + GoneSuffix);

    private void Remove(string path)
    {
        var record = path + PendriveRecord.Suffix;
        if (!overwrite)
        {
            File.Delete(path);
            File.Delete(record);
        }
        else if (File.Exists(path))
        {
            var there = path + GoneSuffix;
            File.Move(path, there, overwrite: false);
            if (File.Exists(record)) File.Move(record, there + PendriveRecord.Suffix, overwrite: true);    // until it is overwritten it counts for who made it
            gone.Writer.TryWrite(there);
        }
    }

    private static void Format(FileStream file, string label)
    {
        var sectors = (int)(file.Length / Sector);
        var volume = new BlankWriter(file);
        FatFileSystem.FormatPartition(volume, label, new Geometry(sectors / (255 * 63), 255, 63), 0, sectors, 0).Dispose();
        FatFinish.Complete(volume, label);
    }
}
