using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Requests;

/// <summary>A domain's request key, <c>device/qpen</c>, and beside it its status key.</summary>
public static class QpenNode
{
    private const int MostAttempts = 4;    // at one take

    /// <summary>Where a domain writes its requests.</summary>
    public static XsPath Of(Domid domid) => XsPath.Home(domid) / "device/qpen";

    /// <summary>Where it reads what became of them.</summary>
    public static XsPath StatusOf(Domid domid) => XsPath.Home(domid) / "qubes_pen_status";

    /// <summary>Makes both keys where they are missing, and empties the first one if what lies in it was meant for an earlier daemon.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <param name="domain">Whose keys.</param>
    /// <param name="ready">The status of a domain that has asked nothing yet.</param>
    /// <param name="taking">Called once, before a request is emptied that was meant for an earlier daemon, with how far the status counts.</param>
    /// <param name="cancel">Nothing is changed when it strikes.</param>
    /// <returns>What was found; null when the domain is no longer this one: a write would make a dead domain's path again.</returns>
    public static async Task<QpenFound?> PrepareAsync(IXenstore store, Domain domain, string ready, Action<int> taking, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(taking);
        var told = false;
        var domid = domain.Domid;
        var (found, written) = await store.TransactAsync<(QpenFound? Found, Task Written)>(
            async (tx, ct) =>
            {
                var request = tx.TryReadAsync(Of(domid), ct);
                var status = tx.TryReadAsync(StatusOf(domid), ct);
                if (!await IsStillAsync(tx, domain.Identity, ct).ConfigureAwait(false)) return (null, Task.CompletedTask);
                var left = await request.ConfigureAwait(false);
                var writes = new List<Task>();    // asked for at once, as the reads are: each answer is waited for by a VM
                var empties = left is null || (domain.RanBefore && left.Length > 0);
                var was = await status.ConfigureAwait(false);
                var count = Status.CountOf(was);
                if (empties)    // what is right already is not written again
                {
                    if (left is { Length: > 0 } && !told) taking(count);
                    told = true;
                    writes.Add(tx.WriteAsync(Of(domid), ReadOnlyMemory<byte>.Empty, CancellationToken.None));
                    writes.Add(tx.SetPermissionsAsync(Of(domid), XsPermissions.GuestWrites(domid), CancellationToken.None));
                }

                if (was is null)
                {
                    writes.Add(tx.WriteAsync(StatusOf(domid), new Status(0, StatusCode.Ready, ready).Encode(), CancellationToken.None));
                    writes.Add(tx.SetPermissionsAsync(StatusOf(domid), XsPermissions.GuestReads(domid), CancellationToken.None));
                }

                var found = new QpenFound(count, domain.RanBefore && left is { Length: > 0 }, Status.IsOpen(was)) { Wrote = empties, Waits = !empties && left is { Length: > 0 } };
                return (found, Task.WhenAll(writes));    // the commit leaves right behind them
            },
            cancel).ConfigureAwait(false);
        await written.ConfigureAwait(false);
        return found;
    }

    /// <summary>Reads the request and writes the key empty, in one transaction: taking is consuming.</summary>
    /// <param name="store">dom0's connection.</param>
    /// <param name="domid">Whose request.</param>
    /// <param name="likely">Whether one is to be expected there. If not it is looked for first: no request costs one read then, not a transaction.</param>
    /// <param name="taking">Called once, before the key is emptied, with what lies in it.</param>
    /// <param name="cancel">Nothing is taken when it strikes before the commit.</param>
    /// <returns>
    /// The bytes; empty where there is no request; null where there is no key. Overwritten: the domain wrote meanwhile, nothing was taken, and it is to be
    /// looked at again later. Not here: who writes all the time would have the server do each look many times over.
    /// </returns>
    public static async Task<(byte[]? Value, bool Overwritten)> TakeAsync(IXenstore store, Domid domid, bool likely, Action<byte[]> taking, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(taking);
        byte[]? seen = null;
        if (!likely)
        {
            seen = await store.TryReadAsync(Of(domid), cancel).ConfigureAwait(false);
            if (seen is null or { Length: 0 }) return (seen, false);
        }

        var attempts = 0;
        var told = false;
        var (value, overwritten, emptied) = await store.TransactAsync(
            async (tx, ct) =>
            {
                var value = await tx.TryReadAsync(Of(domid), ct).ConfigureAwait(false);
                if (attempts++ > 0 && (attempts > MostAttempts || (seen is { Length: > 0 } && !seen.AsSpan().SequenceEqual(value)))) return new Taking(null, Overwritten: true);
                seen = value;
                if (value is not { Length: > 0 }) return new Taking(value);
                if (!told) taking(value);
                told = true;
                return new Taking(value, Emptied: tx.WriteAsync(Of(domid), ReadOnlyMemory<byte>.Empty, CancellationToken.None));    // the commit leaves right behind it, and is waited for with it
            },
            cancel).ConfigureAwait(false);
        if (emptied is not null) await emptied.ConfigureAwait(false);
        return (value, overwritten);
    }

    private readonly record struct Taking(byte[]? Value, bool Overwritten = false, Task? Emptied = null);

    /// <summary>Whether the domid still belongs to the same life of the same VM. For use inside a transaction.</summary>
    public static Task<bool> IsStillAsync(IXsOperations tx, DomainIdentity identity, CancellationToken cancel) =>
        tx.IsStillAsync(identity.Domid, identity.Uuid, cancel);
}

/// <summary>What lay in a domain's keys before they were prepared.</summary>
/// <param name="Taken">Requests that an earlier run of the daemon has counted.</param>
/// <param name="Left">A request lay there that was meant for an earlier run; it is gone now.</param>
/// <param name="Open">The status says that a request is still open.</param>
public sealed record QpenFound(int Taken, bool Left, bool Open)
{
    /// <summary>Requests that were taken after those, and of which nothing was said: <see cref="ITakenNotes"/>.</summary>
    public int Lost { get; init; }

    /// <summary>The request key was made, or emptied: an event of our own comes.</summary>
    public bool Wrote { get; init; }

    /// <summary>A request lies there that is to be taken.</summary>
    public bool Waits { get; init; }
}
