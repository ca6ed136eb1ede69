using Qfx.Streams.Domains;
using Qfx.Xen.Domains;

namespace Qfx.Daemon.Disposables;

/// <summary>What makes and ends disposable VMs on this host: commands of Qubes or of plain Xen, or a simulation.</summary>
/// <remarks>
/// Errors are <see cref="DisposableException"/>. One VM is made at a time; ends may come side by side. The command that restores
/// has a contract of 2010, which the one for plain Xen keeps too:
/// <c>RESTORE SAVEFILE -c COLOUR -i ICON -l LABELINDEX [-p]</c>; exit 0, and in <c>/var/run/qubes/dispVM_xid</c> three lines:
/// domid, name of the new VM (<c>disp</c> and a number), name of the VM that the savefile was taken of. <c>-p</c> is this
/// project's addition: the VM is left paused; it is given only where the configuration says that the command knows it.
/// A command that is told to end (SIGTERM) leaves no domain behind.
/// </remarks>
internal interface IDisposableHost
{
    /// <summary>Looks at the savefile by its files' times.</summary>
    Task<SavefileLook> LookAsync(CancellationToken cancel);

    /// <summary>Makes the savefile anew; takes minutes.</summary>
    Task UpdateAsync(CancellationToken cancel);

    /// <summary>Asks the memory manager for what a VM needs. It is held until the result is disposed of: after the restore.</summary>
    /// <returns>Null when there is not enough.</returns>
    Task<IDisposable?> AskMemoryAsync(CancellationToken cancel);

    /// <summary>Restores a VM from the savefile.</summary>
    /// <param name="label">Of the VM that asks.</param>
    /// <param name="paused">It is not to run yet. Only where <see cref="CanRestorePaused"/>.</param>
    /// <param name="mark">By which <see cref="GoneAsync"/> knows it again.</param>
    /// <param name="cancel">Ends it; what was begun is undone.</param>
    Task<RestoredVm> RestoreAsync(VmLabel label, bool paused, string mark, CancellationToken cancel);

    /// <summary>Ends when nothing runs any more of a restore that an earlier run of the daemon had begun; at once if nothing does.</summary>
    /// <param name="mark">The one that it was begun with.</param>
    /// <param name="cancel">Ends the wait.</param>
    Task GoneAsync(string mark, CancellationToken cancel);

    /// <summary>What the last restore has reported; null for nothing. After a restart of the daemon it is still there.</summary>
    RestoredVm? Reported();

    /// <summary>The same, as soon as it has.</summary>
    /// <param name="cancel">Ends the wait.</param>
    Task<RestoredVm> ReportedAsync(CancellationToken cancel);

    /// <summary>Whether a VM can be restored without running.</summary>
    bool CanRestorePaused { get; }

    /// <summary>Lets a paused VM run.</summary>
    Task UnpauseAsync(Domid domid, CancellationToken cancel);

    /// <summary>Ends a VM at once. One that is not there is no error.</summary>
    Task DestroyAsync(Domid domid, CancellationToken cancel);
}

/// <summary>How the savefile was found.</summary>
/// <param name="Fresh">False: it is to be made anew first.</param>
/// <param name="Stamp">Another one for another savefile; empty where there is none.</param>
internal sealed record SavefileLook(bool Fresh, string Stamp);

/// <summary>A VM as the restore command reports it.</summary>
/// <param name="Domid">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="SavedFrom">The VM that the savefile was taken of.</param>
internal sealed record RestoredVm(Domid Domid, VmName Name, VmName SavedFrom);

/// <summary>A disposable VM could not be made or ended; the message is for the journal.</summary>
internal sealed class DisposableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What a restore that failed left behind, as far as is known: it is to be destroyed.</summary>
    public Domid? Left { get; init; }

    /// <summary>The host has not enough memory for it now.</summary>
    public bool LacksMemory { get; init; }
}
