using System.Collections.Immutable;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A node of the embedded store; immutable.</summary>
/// <param name="Value">Any bytes.</param>
/// <param name="Permissions">Who may do what.</param>
/// <param name="Children">The names of the nodes below, each with its place in the order of making.</param>
/// <param name="Generation">Of the last change of the value, the permissions or the list of children.</param>
/// <param name="NamesLength">Bytes of the children's names, a NUL each included.</param>
/// <param name="NextPlace">The place of the child that is made next.</param>
/// <param name="Again">
/// Names that are in the list a second time, with their places: in a transaction, a child that others have removed is made while
/// the list is still the old one. Such a transaction cannot be committed.
/// </param>
internal sealed record StoreNode(
    ReadOnlyMemory<byte> Value, XsPermissions Permissions, ImmutableDictionary<string, ulong> Children, ulong Generation, int NamesLength = 0, ulong NextPlace = 0,
    ImmutableDictionary<string, ulong>? Again = null)
{
    /// <summary>The children's names, oldest first, as the C server lists them.</summary>
    public IEnumerable<string> Names => Children.Concat(Again ?? None).OrderBy(child => child.Value).Select(child => child.Key);

    /// <summary>Bytes of the C server's record of it: struct xs_tdb_record_hdr, 8 a permission, the value, the names.</summary>
    public int Size => 24 + (8 * Permissions.Entries.Length) + Value.Length + NamesLength;

    private static ImmutableDictionary<string, ulong> None => ImmutableDictionary.Create<string, ulong>(StringComparer.Ordinal);

    /// <summary>A node without value and children.</summary>
    public static StoreNode Empty(XsPermissions permissions) => new(default, permissions, None, 0);

    /// <summary>With one child more, the newest.</summary>
    public StoreNode With(string child)
    {
        var more = this with { NamesLength = NamesLength + child.Length + 1, NextPlace = NextPlace + 1 };
        return Children.ContainsKey(child)
            ? more with { Again = (Again ?? None).SetItem(child, NextPlace) }
            : more with { Children = Children.Add(child, NextPlace) };
    }

    /// <summary>Without the oldest child of this name; the same if there is none.</summary>
    public StoreNode Without(string child)
    {
        if (!Children.ContainsKey(child)) return this;
        var fewer = this with { NamesLength = NamesLength - child.Length - 1 };
        return Again is not null && Again.TryGetValue(child, out var place)
            ? fewer with { Children = Children.SetItem(child, place), Again = Again.Remove(child) }
            : fewer with { Children = Children.Remove(child) };
    }
}
