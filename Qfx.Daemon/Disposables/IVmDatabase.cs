using Qfx.Streams.Domains;

namespace Qfx.Daemon.Disposables;

/// <summary>The host's list of VMs, where there is one.</summary>
/// <remarks>Errors are <see cref="VmDatabaseException"/>. Calls may come from several threads at once.</remarks>
internal interface IVmDatabase
{
    /// <summary>The label of a VM; <see cref="VmLabel.Red"/> for one that the list does not have.</summary>
    Task<VmLabel> LabelOfAsync(VmName vm, CancellationToken cancel);

    /// <summary>Adds a disposable VM.</summary>
    /// <param name="name">No other VM may have it.</param>
    /// <param name="savedFrom">The VM that the savefile was taken of; the new one has the same template.</param>
    /// <param name="label">Of the VM that asked for it.</param>
    /// <param name="cancel">Until the change is begun; then it is finished.</param>
    Task AddDisposableAsync(VmName name, VmName savedFrom, VmLabel label, CancellationToken cancel);

    /// <summary>Removes a disposable VM. One that is not there is no error; a VM of another kind is never removed.</summary>
    Task RemoveDisposableAsync(VmName name, CancellationToken cancel);
}

/// <summary>The list could not be read or changed; it is as it was.</summary>
internal sealed class VmDatabaseException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A host without such a list: plain Xen.</summary>
internal sealed class NoVmDatabase : IVmDatabase
{
    public Task<VmLabel> LabelOfAsync(VmName vm, CancellationToken cancel) => Task.FromResult(VmLabel.Red);

    public Task AddDisposableAsync(VmName name, VmName savedFrom, VmLabel label, CancellationToken cancel) => Task.CompletedTask;

    public Task RemoveDisposableAsync(VmName name, CancellationToken cancel) => Task.CompletedTask;
}
