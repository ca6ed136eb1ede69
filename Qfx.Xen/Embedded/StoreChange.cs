using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A change of the tree: something to be fired about, and to be made again when a transaction commits.</summary>
/// <param name="Path">The node.</param>
/// <param name="Apply">Makes the change.</param>
/// <param name="Removed">The node as it was, where the change takes it away: watches inside it fire too.</param>
internal sealed record StoreChange(XsPath Path, Func<StoreTree, StoreTree> Apply, StoreNode? Removed = null);
