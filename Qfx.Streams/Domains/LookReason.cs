using System.Collections.Immutable;
using Qfx.Xen.Store;

namespace Qfx.Streams.Domains;

/// <summary>Why to look at xenstore again, and how far.</summary>
/// <param name="List">Domains may have come or gone.</param>
/// <param name="Everyone">Every domain may have another name.</param>
/// <param name="Uuids">The VMs with these may have another name.</param>
public sealed record LookReason(bool List, bool Everyone, ImmutableHashSet<string> Uuids)
{
    /// <summary>A domain has come or gone.</summary>
    public static readonly LookReason Lifecycle = new(true, false, []);

    /// <summary>Nothing is known: look at everything.</summary>
    public static readonly LookReason Anything = new(true, true, []);

    /// <summary>What an event of a lifecycle watch is a reason for: after a loss, names may have changed as well.</summary>
    public static LookReason OfLifecycle(WatchEvent happened) => happened.Kind == WatchKind.Resync ? Anything : Lifecycle;

    /// <summary>One VM has been named, or its node has come or gone.</summary>
    public static LookReason Named(string uuid) => new(false, false, [uuid]);

    /// <summary>Both reasons as one.</summary>
    public LookReason And(LookReason other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(List || other.List, Everyone || other.Everyone, Uuids.Union(other.Uuids));
    }

    /// <summary>Whether a known domain has to be read again. One without a name is, whatever the uuid: it may have none yet.</summary>
    public bool Concerns(Domain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return Everyone || Uuids.Contains(domain.Identity.Uuid) || (domain.Name is null && (List || !Uuids.IsEmpty));
    }

    /// <summary>What an event of the watch on <c>/vm</c> is a reason for: null for nothing, such as a VM's image details.</summary>
    /// <remarks>The toolstack writes a name to <c>/local/domain/N/name</c> and then to <c>/vm/U/name</c>.</remarks>
    public static LookReason? OfVm(XsPath path)
    {
        var parts = path.ToString().Split('/');
        return parts switch
        {
            ["", "vm", var uuid, "name"] => Named(uuid),
            // The VM's own node comes and goes with its domain: under the domid that is known by this uuid may be another one by now.
            ["", "vm", { Length: > 0 } uuid] => Named(uuid),
            ["", "vm"] or ["", ""] => Anything,
            _ => null,
        };
    }
}
