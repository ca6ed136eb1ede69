using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>The nodes as one caller may see and change them, in a transaction or at once. Rights, quotas and errors as the C xenstored has them (docs/wire.md).</summary>
internal sealed class StoreView(StoreNodes nodes, StoreTransaction? transaction, StoreCaller caller)
{
    /// <summary>A node that a guest makes or changes is smaller than this, its record's head, permissions and children's names included; quota entry-size.</summary>
    public const int GuestEntryLimit = 2048;

    /// <summary>Nodes that a guest may own; quota entry-nb.</summary>
    public const int GuestEntries = 1000;

    /// <summary>Permissions that a guest may give to one node; quota perms-per-node.</summary>
    public const int GuestPermissions = 5;

    /// <summary>Nodes that a guest may look at in one transaction; quota transaction-nodes.</summary>
    public const int GuestTransactionNodes = 1024;

    /// <summary>What has been done outside of a transaction, in order.</summary>
    public List<StoreChange> Changes { get; } = [];

    private bool IsGuest => caller.IsGuest;

    public ReadOnlyMemory<byte> Read(XsPath path) => Get(path, XsAccess.Read).Value;

    public StoreNode List(XsPath path) => Get(path, XsAccess.Read);

    public XsPermissions GetPermissions(XsPath path) => Get(path, XsAccess.Read).Permissions;

    public void Write(XsPath path, ReadOnlyMemory<byte> value)
    {
        if (TryGet(path, XsAccess.Write) is { } node) Put(path, node with { Value = value });
        else Make(path, value);
        Fire(path);
    }

    public void MakeDirectory(XsPath path)
    {
        if (TryGet(path, XsAccess.Write) is not null) return;
        Make(path, default);
        Fire(path);
    }

    public void Remove(XsPath path)
    {
        var node = TryGet(path, XsAccess.Write);
        if (path.Parent is not { } parent) throw new StoreException(XsError.EINVAL);
        if (node is null)
        {
            if (Find(parent) is null) throw new StoreException(XsError.ENOENT);
            return;
        }

        // In a transaction: others have removed it meanwhile. The C server takes its store for damaged then.
        if (Find(parent) is { } list && !list.Children.ContainsKey(path.Name)) throw new StoreException(XsError.EIO);
        RemoveWithAllBelow(path, node, isExact: false);
        if (Find(parent) is { } above) Put(parent, above.Without(path.Name), uncheckedSize: true);
    }

    public void SetPermissions(XsPath path, XsPermissions permissions)
    {
        if (IsGuest && permissions.Entries.Length > GuestPermissions) throw new StoreException(XsError.ENOSPC);
        var node = Get(path, XsAccess.Write);
        if (!caller.Owns(node.Permissions)) throw new StoreException(XsError.EACCES);
        if (IsGuest && permissions.Owner != node.Permissions.Owner) throw new StoreException(XsError.EPERM);
        Put(path, node with { Permissions = permissions });
        Fire(path, node.Permissions);
    }

    /// <summary>The node, and what is missing above it; it inherits permissions, and a guest owns what it makes.</summary>
    private void Make(XsPath path, ReadOnlyMemory<byte> value)
    {
        var missing = new Stack<XsPath>();
        var at = path;
        StoreNode? above;
        do
        {
            missing.Push(at);
            at = at.Parent ?? throw new StoreException(XsError.EINVAL);
            above = Find(at);
        }
        while (above is null);

        // All that can go wrong before anything is changed. In a transaction, what it makes is counted at its commit.
        if (transaction is not null) transaction.HasMade = true;
        var counted = transaction is null ? missing.Count : 1;
        if (IsGuest && nodes.OwnedBy(caller.Domid) + counted > GuestEntries) throw new StoreException(XsError.ENOSPC);
        var inherited = Inherited(above.Permissions);
        var joined = above.With(missing.Peek().Name);
        Check(joined);
        var last = StoreNode.Empty(inherited) with { Value = value };
        Check(last);
        Put(at, joined);
        while (missing.TryPop(out var next))
        {
            var node = missing.TryPeek(out var child) ? StoreNode.Empty(inherited).With(child.Name) : last;
            _ = Find(next);
            Put(next, node);
        }
    }

    /// <summary>What lies below first; each fires alone, so that watches inside hear of it.</summary>
    private void RemoveWithAllBelow(XsPath path, StoreNode node, bool isExact)
    {
        foreach (var name in node.Names)
        {
            if (Find(path / name) is { } child) RemoveWithAllBelow(path / name, child, isExact: true);
        }

        Fire(path, isExact: isExact);
        if (transaction is null) nodes.Remove(path);
        else transaction.Put(path, null);
    }

    private void Put(XsPath path, StoreNode node, bool uncheckedSize = false)
    {
        if (!uncheckedSize) Check(node);
        if (transaction is null) nodes.Put(path, node);
        else transaction.Put(path, node);
    }

    private void Check(StoreNode node)
    {
        if (IsGuest && node.Size >= GuestEntryLimit) throw Full();
    }

    /// <summary>A quota is reached; a transaction has come to nothing with it.</summary>
    private StoreException Full()
    {
        if (transaction is not null) transaction.IsFailed = true;
        return new(XsError.ENOSPC);
    }

    /// <param name="path">What has changed, or is about to go.</param>
    /// <param name="before">Who could see it before is told too.</param>
    /// <param name="isExact"><see cref="StoreChange.IsExact"/>.</param>
    private void Fire(XsPath path, XsPermissions? before = null, bool isExact = false)
    {
        if (transaction is not null)
        {
            transaction.Fire(path, isExact);
            return;
        }

        var readers = new List<XsPermissions>();
        if (before is not null) readers.Add(before);
        if (nodes.Find(path) is { } now) readers.Add(now.Permissions);
        if (path.Parent is { } parent && nodes.Find(parent) is { } above) readers.Add(above.Permissions);
        Changes.Add(new(path, isExact, readers));
    }

    private XsPermissions Inherited(XsPermissions parent) => !IsGuest || parent.Owner == caller.Domid
        ? parent
        : new XsPermissions([parent.Entries[0] with { Domid = caller.Domid }, .. parent.Entries[1..]]);

    private StoreNode Get(XsPath path, XsAccess right) => TryGet(path, right) ?? throw new StoreException(XsError.ENOENT);

    /// <summary>Null where there is no such node and the domain may know it: it has this right on the nearest one above.</summary>
    private StoreNode? TryGet(XsPath path, XsAccess right)
    {
        if (path.IsSpecial) throw new StoreException(XsError.EINVAL);
        var node = Find(path);
        var judge = node;
        for (var parent = path.Parent; judge is null; parent = parent!.Value.Parent) judge = Find(parent!.Value);
        if ((caller.RightsOn(judge.Permissions) & right) == right) return node;
        if (node is not null && path.Parent is { } above) _ = Find(above);    // as the C server does: a transaction has looked at it
        throw new StoreException(XsError.EACCES);
    }

    private StoreNode? Find(XsPath path)
    {
        if (transaction is null) return nodes.Find(path);
        var found = transaction.Find(path, nodes);
        if (IsGuest && transaction.Count > GuestTransactionNodes) throw Full();
        return found;
    }
}
