namespace Qfx.Guest.Archive;

/// <summary><c>~/QubesIncoming/SENDER</c>, and a hidden folder in it while something is being unpacked.</summary>
internal static class IncomingFolder
{
    public const string Name = "QubesIncoming";

    private const string Hidden = ".incoming-";

    /// <summary>Unpacks a pendrive. Whatever goes wrong, nothing of it is left.</summary>
    /// <param name="source">A pendrive, from its start.</param>
    /// <param name="home">The folder that QubesIncoming is in.</param>
    /// <param name="sender">A legal name.</param>
    /// <param name="limits">What it may become.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What came, and where it is.</returns>
    /// <exception cref="GuestException">It did not work.</exception>
    public static (UnpackReport Report, string Folder) Take(Stream source, string home, string sender, UnpackLimits limits, CancellationToken cancel)
    {
        var folder = Path.Combine(home, Name, sender);
        try
        {
            using var top = BeneathFolder.Open(home);
            using var incoming = top.Enter(Name);
            using var final = incoming.Enter(sender);
            Sweep(folder);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            if (free < limits.Bytes) limits = limits with { Bytes = free };
            var name = Hidden + Path.GetRandomFileName();
            using var hidden = final.Enter(name);
            try
            {
                return (new Unpacker(hidden, limits, cancel).Run(source, final), folder);
            }
            finally
            {
                Sweep(folder);
            }
        }
        catch (IOException e)
        {
            throw new GuestException(ExitCode.Failed, $"Nothing can be put into {folder}: {e.Message}", e);
        }
    }

    /// <summary>Takes away what a run that was killed has left, and ours: one pendrive comes at a time.</summary>
    private static void Sweep(string folder)
    {
        foreach (var left in Directory.EnumerateDirectories(folder, Hidden + "*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A folder of it may not be written: the next run tries again.
            }
        }
    }
}
