namespace Qfx.Daemon.Disposables;

/// <summary>Section <c>[disposable]</c> of the configuration file: where things are on this host. Defaults are those of 2010.</summary>
internal sealed record DisposableOptions
{
    /// <summary>The restore command; where it is missing there are no disposable VMs.</summary>
    public string Restore { get; init; } = "/usr/lib/qubes/qubes_restore";

    /// <summary>It knows <c>-p</c>: leave the VM paused.</summary>
    public bool RestorePaused { get; init; }

    /// <summary>The command and its arguments that make the savefile anew.</summary>
    public string Update { get; init; } = "qvm-create-default-dvm --default-template --default-script";

    /// <summary>The command that ends a VM; the domid is added.</summary>
    public string Destroy { get; init; } = "xl destroy";

    /// <summary>The command that lets a paused VM run; the domid is added.</summary>
    public string Unpause { get; init; } = "xl unpause";

    /// <summary>What is restored.</summary>
    public string Savefile { get; init; } = "/var/run/qubes/current_savefile";

    /// <summary>What the savefile is a copy of.</summary>
    public string DefaultSavefile { get; init; } = "/var/lib/qubes/dvmdata/default_savefile";

    /// <summary>The disk that the savefile belongs to; an older savefile is stale.</summary>
    public string SavefileRoot { get; init; } = "/var/lib/qubes/dvmdata/savefile_root";

    /// <summary>Where the restore command reports.</summary>
    public string Report { get; init; } = "/var/run/qubes/dispVM_xid";

    /// <summary>The memory manager's socket; where it is missing nobody is asked.</summary>
    public string MemorySocket { get; init; } = "/var/run/qubes/qmemman.sock";

    /// <summary>MiB that are asked for.</summary>
    public int MemoryMiB { get; init; } = 400;

    /// <summary>The host's list of VMs; where it is missing there is none.</summary>
    public string Database { get; init; } = "/var/lib/qubes/qubes.xml";

    /// <summary>Every fault, as a sentence.</summary>
    public IEnumerable<string> Problems(int ready)
    {
        foreach (var (key, path) in new[]
        {
            ("restore", Restore), ("savefile", Savefile), ("default_savefile", DefaultSavefile), ("savefile_root", SavefileRoot),
            ("report", Report), ("memory_socket", MemorySocket), ("database", Database),
        })
        {
            if (!Path.IsPathFullyQualified(path)) yield return $"disposable {key} is '{path}': it must be an absolute path";
        }

        foreach (var (key, command) in new[] { ("update", Update), ("destroy", Destroy), ("unpause", Unpause) })
        {
            if (string.IsNullOrWhiteSpace(command)) yield return $"disposable {key} is empty: it must be a command";
        }

        if (MemoryMiB is < 1 or > 1024 * 1024) yield return $"disposable memory_mib is {MemoryMiB}: 1 to {1024 * 1024} are allowed";
        if (ready is < 0 or > 16) yield return $"disposable ready is {ready}: 0 to 16 are allowed";
        if (ready > 0 && !RestorePaused) yield return $"disposable ready is {ready}: that needs a restore command that knows -p, and restore_paused = yes";
    }
}
