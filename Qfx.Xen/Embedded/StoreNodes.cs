using System.Runtime.InteropServices;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>All nodes, by absolute path, as everybody outside of a transaction sees them.</summary>
internal sealed class StoreNodes
{
    private readonly Dictionary<XsPath, StoreNode> nodes = [];
    private readonly Dictionary<Domid, int> owned = [];

    /// <summary>Only the root, of dom0, to be read by nobody else, as xenstored starts.</summary>
    public StoreNodes() => Put(XsPath.Root, StoreNode.Empty(new(new XsPermission(XsAccess.None, Domid.Zero))));

    /// <summary>Counts changes: a node that has changed has another one than before.</summary>
    public ulong Generation { get; private set; }

    public StoreNode? Find(XsPath path) => nodes.GetValueOrDefault(path);

    public void Put(XsPath path, StoreNode node)
    {
        if (nodes.TryGetValue(path, out var was)) Count(was.Permissions.Owner, -1);
        Count(node.Permissions.Owner, 1);
        nodes[path] = node with { Generation = ++Generation };
    }

    public void Remove(XsPath path)
    {
        if (nodes.Remove(path, out var was)) Count(was.Permissions.Owner, -1);
    }

    /// <summary>How many nodes a domain owns.</summary>
    public int OwnedBy(Domid domid) => owned.GetValueOrDefault(domid);

    /// <summary>The topmost ones; what lies below them goes with them.</summary>
    public XsPath[] TopOwnedBy(Domid domid) => OwnedBy(domid) == 0 ? [] : [.. nodes
        .Where(pair => pair.Value.Permissions.Owner == domid && (pair.Key.Parent is not { } parent || Find(parent)?.Permissions.Owner != domid))
        .Select(pair => pair.Key)];

    private void Count(Domid owner, int change)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(owned, owner, out _);
        count += change;
        if (count == 0) owned.Remove(owner);
    }
}
