using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Qfx.Daemon.PlainXen;
using Qfx.Daemon.Processes;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Disposables;

/// <summary>Disposable VMs made and ended by commands of the host: those of Qubes, or this project's own for plain Xen.</summary>
internal sealed partial class CommandDisposables(DisposableOptions options) : IDisposableHost
{
    private const int Terminate = 15;    // SIGTERM

    /// <summary>A command that is told to end cleans up within this time, or is killed.</summary>
    private static readonly TimeSpan CleanUp = TimeSpan.FromSeconds(4);

    /// <summary>One that restores has a domain to end: this project's own gives that half a minute.</summary>
    private static readonly TimeSpan RestoreCleanUp = TimeSpan.FromSeconds(40);

    /// <summary>In the environment of the restore command, and so of all that it starts.</summary>
    private const string Mark = "QFX_RESTORE";

    public bool CanRestorePaused => options.RestorePaused;

    /// <summary>Stale: a file is missing, or the savefile is older than the disk that it belongs to.</summary>
    public Task<SavefileLook> LookAsync(CancellationToken cancel) => Task.Run(
        () =>
        {
            var savefile = FileOf(options.Savefile);
            var root = FileOf(options.SavefileRoot);
            var there = savefile.Exists && root.Exists && FileOf(options.DefaultSavefile).Exists;
            return there
                ? new SavefileLook(savefile.LastWriteTimeUtc >= root.LastWriteTimeUtc,
                    string.Create(CultureInfo.InvariantCulture, $"{savefile.FullName} {savefile.Length} {savefile.LastWriteTimeUtc.Ticks} {root.LastWriteTimeUtc.Ticks}"))
                : new SavefileLook(false, "");
        },
        cancel);

    public Task UpdateAsync(CancellationToken cancel) => RunAsync(Words(options.Update), cancel);

    public Task<IDisposable?> AskMemoryAsync(CancellationToken cancel) => MemoryManager.AskAsync(options.MemorySocket, options.MemoryMiB, cancel);

    public async Task<RestoredVm> RestoreAsync(VmLabel label, bool paused, string mark, CancellationToken cancel)
    {
        // What an earlier restore reported is not to be taken for what this one reports.
        File.Delete(options.Report);
        List<string> call =
        [
            options.Restore, options.Savefile, "-c", label.Colour, "-i", label.Icon, "-l", label.Index.ToString(CultureInfo.InvariantCulture),
        ];
        if (paused) call.Add("-p");
        try
        {
            await RunAsync(call, cancel, RestoreCleanUp, mark).ConfigureAwait(false);
        }
        catch (DisposableException e)
        {
            throw new DisposableException(e.Message, e) { Left = Reported()?.Domid, LacksMemory = e.LacksMemory };
        }
        catch (OperationCanceledException e) when (Reported() is { } made)
        {
            throw new DisposableException($"{options.Restore} has made {made.Name} and was not done in time", e) { Left = made.Domid };
        }

        return RestoreReport.Read(options.Report);
    }

    public Task GoneAsync(string mark, CancellationToken cancel) => MarkedProcesses.GoneAsync(Mark, mark, TimeProvider.System, cancel);

    public Task UnpauseAsync(Domid domid, CancellationToken cancel) => RunAsync([.. Words(options.Unpause), domid.ToString()], cancel);

    public Task DestroyAsync(Domid domid, CancellationToken cancel) => RunAsync([.. Words(options.Destroy), domid.ToString()], cancel);

    public RestoredVm? Reported()
    {
        try
        {
            return File.Exists(options.Report) ? RestoreReport.Read(options.Report) : null;
        }
        catch (DisposableException)
        {
            return null;
        }
    }

    public async Task<RestoredVm> ReportedAsync(CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(options.Report)!;
        Directory.CreateDirectory(folder);
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });    // an event may come after the end
        using var watcher = new FileSystemWatcher(folder, Path.GetFileName(options.Report));
        watcher.Created += (_, _) => changed.Writer.TryWrite(true);
        watcher.Changed += (_, _) => changed.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => changed.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        while (true)
        {
            if (Reported() is { } reported) return reported;
            await changed.Reader.ReadAsync(cancel).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(IReadOnlyList<string> call, CancellationToken cancel, TimeSpan? cleanUp = null, string? mark = null)
    {
        using var kill = new CancellationTokenSource();
        var pid = 0;
        var told = cancel.Register(() =>
        {
            if (Volatile.Read(ref pid) is > 0 and var running) _ = Kill(running, Terminate);
            kill.CancelAfter(cleanUp ?? CleanUp);
        });
        await using (told.ConfigureAwait(false))
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                var ended = await ProcessRunner.RunAsync(new(call[0], [.. call.Skip(1)]) { Environment = EnvironmentWith(mark) }, started => Volatile.Write(ref pid, started), kill.Token)
                    .ConfigureAwait(false);
                cancel.ThrowIfCancellationRequested();
                if (ended.Exit != 0) throw new DisposableException($"{call[0]} ended with exit code {ended.Exit}: {LastLine(ended.Error)}") { LacksMemory = ended.Exit == NotEnoughMemoryException.Exit };
            }
            catch (IOException e)
            {
                throw new DisposableException(e.Message, e);
            }
        }
    }

    private static Dictionary<string, string> EnvironmentWith(string? mark)
    {
        var environment = new Dictionary<string, string>(ProcessRunner.CleanEnvironment);
        if (mark is not null) environment[Mark] = mark;
        return environment;
    }

    private static FileInfo FileOf(string path) => new(File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path);

    private static string[] Words(string command) => command.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Of dom0's own commands; still, one line and bounded.</summary>
    private static string LastLine(string error)
    {
        var line = error.TrimEnd().Split('\n')[^1];
        return new([.. line.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
