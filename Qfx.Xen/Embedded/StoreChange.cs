using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A change of a node that watches may have to be told.</summary>
/// <param name="Path">The node.</param>
/// <param name="IsExact">It went with a node above it: only watches on this very node are told, the others are by that one.</param>
/// <param name="Readers">Who may read by any of these is told: the node's permissions, as they were and as they are, and its parent's. Nobody, not even dom0, if there are none.</param>
internal sealed record StoreChange(XsPath Path, bool IsExact, IReadOnlyList<XsPermissions> Readers)
{
    public bool MayBeKnownTo(StoreCaller caller) => Readers.Any(permissions => (caller.RightsOn(permissions) & XsAccess.Read) != 0);
}
