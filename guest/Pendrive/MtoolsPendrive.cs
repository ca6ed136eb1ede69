using System.Globalization;
using Qfx.Guest.Copying;
using Qfx.Guest.Host;
using Qfx.Guest.Progress;

namespace Qfx.Guest.Pendrive;

/// <summary>Reads and writes a pendrive with mtools, in a simulated VM that can mount nothing.</summary>
/// <param name="incoming">Where files arrive: a new folder for each pendrive.</param>
internal sealed class MtoolsPendrive(string incoming) : IPendrive
{
    public async Task PutAsync(string device, Plan plan, Meter meter, CancellationToken cancel)
    {
        var staging = plan.Obstacles.Count > 0 ? Directory.CreateTempSubdirectory("qfx-").FullName : null;
        try
        {
            // What was left out must not go along with its folder.
            if (staging is not null) TreeCopy.Run(plan, staging, meter, cancel);
            var files = plan.Items.Where(item => item.Folder.Length == 0)
                .Select(item => staging is null ? item.Source : Path.Combine(staging, item.Target));

            // -s folders too, -m keep times, -D s: never ask; a blank pendrive has nothing to clash with.
            var copied = await Tool.RunAsync("mcopy", ["-i", device, "-s", "-m", "-D", "s", "--", .. files, "::"], cancel).ConfigureAwait(false);
            if (copied.Exit != 0) throw new GuestException(ExitCode.Failed, $"The files could not be copied onto the pendrive: {Printable.Of(copied.Said)}");
            if (staging is null) meter.Add(plan.Bytes);
        }
        finally
        {
            if (staging is not null) Directory.Delete(staging, recursive: true);
        }
    }

    public async Task<(string Where, bool? Whole)> TakeAsync(string device, string sender, GuestUser? owner, Func<string, Task> shown, CancellationToken cancel)
    {
        var where = NewFolder(sender);
        var (listed, names) = await Tool.RunAsync("mdir", ["-i", device, "-b", "::"], cancel).ConfigureAwait(false);
        if (listed != 0) throw new GuestException(ExitCode.Failed, $"What is on the pendrive cannot be read: {Printable.Of(names)}");
        if (string.IsNullOrWhiteSpace(names)) return (where, true);
        var copied = await Tool.RunAsync("mcopy", ["-i", device, "-s", "-m", "-n", "--", "::*", where], cancel).ConfigureAwait(false);
        return copied.Exit == 0 ? (where, true) : throw new GuestException(ExitCode.Failed, $"Not everything could be read from the pendrive: {Printable.Of(copied.Said)}");
    }

    /// <summary>Never one that is there.</summary>
    private string NewFolder(string sender)
    {
        Directory.CreateDirectory(incoming);
        for (var i = 1; ; i++)
        {
            var path = Path.Combine(incoming, i == 1 ? sender : string.Create(CultureInfo.InvariantCulture, $"{sender}-{i}"));
            if (Path.Exists(path)) continue;
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return path;
        }
    }
}
