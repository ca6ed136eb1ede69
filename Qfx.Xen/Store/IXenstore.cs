using Qfx.Xen.Domains;

namespace Qfx.Xen.Store;

/// <summary>What can be done with nodes, inside a transaction or outside of one.</summary>
/// <remarks>
/// Requests are sent in the order in which these methods are called, without waiting for one another's answers; so
/// several may be started and then awaited together. Each ends with its answer, with <see cref="XenstoreException"/> when
/// the server says no, with <see cref="XenstoreConnectionException"/> when the connection is lost, or cancelled; a request
/// that was cancelled may have been carried out.
/// </remarks>
public interface IXsOperations
{
    /// <summary>A node's value, byte for byte; any byte may occur. xenstore.txt, READ.</summary>
    Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default);

    /// <summary>The names of a node's children, in no order. xenstore.txt, DIRECTORY.</summary>
    Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default);

    /// <summary>Sets a node's value; it and its parents are made where missing. xenstore.txt, WRITE.</summary>
    Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default);

    /// <summary>Makes a node, empty, where there is none. xenstore.txt, MKDIR.</summary>
    Task MakeAsync(XsPath path, CancellationToken cancel = default);

    /// <summary>Removes a node and everything below. A missing node is no error if its parent is there. xenstore.txt, RM.</summary>
    Task RemoveAsync(XsPath path, CancellationToken cancel = default);

    /// <summary>Who may do what. xenstore.txt, GET_PERMS.</summary>
    /// <remarks>
    /// A guest may name what is no domain in the permissions of its nodes; such entries are left out. EINVAL if the owner is none.
    /// </remarks>
    Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default);

    /// <summary>xenstore.txt, SET_PERMS.</summary>
    Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default);
}

/// <summary>A xenstored, as the domain that it is connected from.</summary>
public interface IXenstore : IXsOperations, IAsyncDisposable
{
    /// <summary>What happens at and below <paramref name="path"/>, from now on.</summary>
    /// <param name="path">A node, there or not, or a special path.</param>
    /// <param name="filter">Drops events before anything is made of them; not the first one, nor a resync.</param>
    /// <returns>
    /// Cold: WATCH is sent on subscription and UNWATCH on disposal, after which nothing more arrives, not even what was
    /// under way. The first event comes at once. Never completes; ends with <see cref="XenstoreException"/> if the
    /// server refuses the watch, with <see cref="XenstoreConnectionException"/> when the store is gone for good. Events come one
    /// at a time. An event that was not taken yet stands for later ones of the same path.
    /// </returns>
    IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null);

    /// <summary>Runs <paramref name="body"/> in a transaction and commits it; again from the start if it met another one.</summary>
    /// <param name="body">May run several times, and must use the operations it is given. If it throws, nothing is changed.</param>
    /// <param name="cancel">Ends it between two requests as well as between two attempts; nothing is changed then.</param>
    /// <exception cref="XenstoreException">EAGAIN after the last attempt: attempts are bounded, with growing, jittered pauses.</exception>
    Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default);

    /// <summary>Whether xenstored knows the domain. xenstore.txt, IS_DOMAIN_INTRODUCED; dom0 only.</summary>
    Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default);

    /// <summary>Through what a guest's own nodes are to be followed, read and written: this, unless guests have lines beside it (<see cref="XsLines"/>).</summary>
    /// <param name="guest">Whose nodes they are.</param>
    /// <param name="cancel">Ends the waiting for a line that is not connected.</param>
    ValueTask<IXenstore> ForAsync(Domid guest, CancellationToken cancel = default) => new(this);
}
