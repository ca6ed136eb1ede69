using System.Collections.Immutable;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A node of the embedded store; immutable.</summary>
/// <param name="Value">Any bytes.</param>
/// <param name="Permissions">Who may do what.</param>
/// <param name="Children">By name, in the order of names.</param>
/// <param name="Generation">Of the last change of the value, the permissions or the list of children.</param>
internal sealed record StoreNode(
    ReadOnlyMemory<byte> Value, XsPermissions Permissions, ImmutableSortedDictionary<string, StoreNode> Children, ulong Generation)
{
    public static readonly ImmutableSortedDictionary<string, StoreNode> NoChildren =
        ImmutableSortedDictionary.Create<string, StoreNode>(StringComparer.Ordinal);
}
