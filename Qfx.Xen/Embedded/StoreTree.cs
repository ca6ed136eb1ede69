using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>The nodes, as they are at one moment; immutable. Paths are absolute.</summary>
internal sealed record StoreTree(StoreNode Root, ulong Generation)
{
    /// <summary>Only the root, of dom0, to be read by everybody, as xenstored starts.</summary>
    public static readonly StoreTree Empty = new(
        new(default, new XsPermissions(new XsPermission(XsAccess.Read, Domid.Zero)), StoreNode.NoChildren, 0), 0);

    public StoreNode? Find(XsPath path)
    {
        var node = Root;
        foreach (var part in Parts(path))
        {
            if (!node.Children.TryGetValue(part, out var child)) return null;
            node = child;
        }

        return node;
    }

    /// <summary>The nearest node on the way up that exists, the path itself included.</summary>
    public StoreNode FindNearest(XsPath path)
    {
        var node = Root;
        foreach (var part in Parts(path))
        {
            if (!node.Children.TryGetValue(part, out var child)) break;
            node = child;
        }

        return node;
    }

    /// <summary>With a node changed, or made where it was missing, with its parents; what is made inherits its permissions.</summary>
    /// <param name="path">Where.</param>
    /// <param name="owner">Who owns what is made; null for who owns the parent.</param>
    /// <param name="change">The node as it is to be.</param>
    public StoreTree Set(XsPath path, Domid? owner, Func<StoreNode, StoreNode> change)
    {
        var generation = Generation + 1;
        return new(Set(Root, Parts(path), owner, change, generation), generation);
    }

    /// <summary>Without a node and all below it. Not for the root.</summary>
    public StoreTree Remove(XsPath path)
    {
        var generation = Generation + 1;
        return new(Remove(Root, Parts(path), generation), generation);
    }

    private static StoreNode Set(
        StoreNode node, ReadOnlySpan<string> parts, Domid? owner, Func<StoreNode, StoreNode> change, ulong generation)
    {
        if (parts.IsEmpty) return change(node) with { Generation = generation };
        var made = !node.Children.TryGetValue(parts[0], out var child);
        child ??= new(default, Inherited(node.Permissions, owner), StoreNode.NoChildren, generation);
        var changed = Set(child, parts[1..], owner, change, generation);
        return node with
        {
            Children = node.Children.SetItem(parts[0], changed),
            Generation = made ? generation : node.Generation,
        };
    }

    private static StoreNode Remove(StoreNode node, ReadOnlySpan<string> parts, ulong generation)
    {
        if (!node.Children.TryGetValue(parts[0], out var child)) return node;
        return parts.Length == 1
            ? node with { Children = node.Children.Remove(parts[0]), Generation = generation }
            : node with { Children = node.Children.SetItem(parts[0], Remove(child, parts[1..], generation)) };
    }

    private static XsPermissions Inherited(XsPermissions parent, Domid? owner) => owner is null || owner == parent.Owner
        ? parent
        : new XsPermissions([parent.Entries[0] with { Domid = owner.Value }, .. parent.Entries[1..]]);

    private static string[] Parts(XsPath path) => path.ToString().Split('/', StringSplitOptions.RemoveEmptyEntries);
}
