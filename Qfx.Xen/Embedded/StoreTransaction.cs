using System.Runtime.InteropServices;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>A transaction: each node as it was when it was first looked at, with what was done to it since.</summary>
/// <remarks>As the C server has it: nodes that were not looked at are those of everybody.</remarks>
internal sealed class StoreTransaction
{
    private readonly Dictionary<XsPath, Access> accessed = [];
    private readonly List<XsPath> order = [];
    private readonly Dictionary<Domid, int> owned = [];

    /// <summary>Nodes that were looked at.</summary>
    public int Count => order.Count;

    /// <summary>Something in it went past a quota; it cannot be committed any more.</summary>
    public bool IsFailed { get; set; }

    /// <summary>A node was made in it, or was to be.</summary>
    public bool HasMade { get; set; }

    /// <summary>The node, which is this transaction's own from now on; null for a missing one.</summary>
    public StoreNode? Find(XsPath path, StoreNodes nodes)
    {
        if (!accessed.TryGetValue(path, out var access))
        {
            access = new(nodes.Find(path));
            accessed.Add(path, access);
            order.Add(path);
        }

        return access.Node;
    }

    /// <summary>Sets or, with null, removes a node that was looked at before.</summary>
    public void Put(XsPath path, StoreNode? node)
    {
        var access = accessed[path];
        Account(access.Node?.Permissions.Owner, -1);
        Account(node?.Permissions.Owner, 1);
        access.Node = node;
        access.IsModified = true;
    }

    /// <summary>Whoever watches is to be told at the commit; that the node went with one above it is forgotten if it came again.</summary>
    public void Fire(XsPath path, bool isExact)
    {
        var access = accessed[path];
        access.IsExact = isExact && (!access.Fires || access.IsExact);
        access.Fires = true;
    }

    /// <summary>Makes it true for everybody.</summary>
    /// <returns>What is to be fired.</returns>
    /// <exception cref="StoreException">ENOMEM after a failure in it, ENOSPC past a guest's quota, EAGAIN if a node that was looked at has changed meanwhile; nothing is changed.</exception>
    public IReadOnlyList<StoreChange> Commit(StoreNodes nodes, bool isGuest)
    {
        if (IsFailed) throw new StoreException(XsError.ENOMEM);
        if (isGuest && HasMade && owned.Any(own => own.Key != Domid.Zero && nodes.OwnedBy(own.Key) + own.Value >= StoreView.GuestEntries))
            throw new StoreException(XsError.ENOSPC);
        if (order.Any(path => nodes.Find(path)?.Generation != accessed[path].Was?.Generation)) throw new StoreException(XsError.EAGAIN);
        var changes = new List<StoreChange>();
        foreach (var path in order)
        {
            var access = accessed[path];
            if (!access.IsModified) continue;
            if (access.Node is { } node) nodes.Put(path, node);
            else nodes.Remove(path);
            if (access.Fires) changes.Add(new(path, access.IsExact, [.. Readers(path, access, nodes)]));
        }

        return changes;
    }

    /// <summary>The node's parent counts as it is now, before what is committed after the node.</summary>
    private static IEnumerable<XsPermissions> Readers(XsPath path, Access access, StoreNodes nodes)
    {
        if (access.Was is { } was) yield return was.Permissions;
        if (access.Node is not { } node) yield break;
        yield return node.Permissions;
        if (path.Parent is { } parent && nodes.Find(parent) is { } above) yield return above.Permissions;
    }

    private void Account(Domid? owner, int change)
    {
        if (owner is { } domid) CollectionsMarshal.GetValueRefOrAddDefault(owned, domid, out _) += change;
    }

    private sealed class Access(StoreNode? was)
    {
        public StoreNode? Was { get; } = was;

        public StoreNode? Node { get; set; } = was;

        public bool IsModified { get; set; }

        public bool Fires { get; set; }

        public bool IsExact { get; set; }
    }
}
