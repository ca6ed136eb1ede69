using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Embedded;

/// <summary>The tree as one domain may see and change it. Rights and errors as the C xenstored has them (docs/wire.md).</summary>
/// <remarks>What is looked at is remembered: a transaction conflicts with whoever changes it meanwhile.</remarks>
internal sealed class StoreView(StoreTree start, Domid domid)
{
    /// <summary>A guest's value has at most so many bytes, XENSTORE quota entry-size.</summary>
    public const int GuestValueLimit = 2048;

    private readonly StoreTree start = start;

    public StoreTree Tree { get; private set; } = start;

    /// <summary>The generation of each node that was looked at, null for one that was missing.</summary>
    public Dictionary<XsPath, ulong?> Seen { get; } = [];

    /// <summary>In the order in which they were made.</summary>
    public List<StoreChange> Changes { get; } = [];

    private Domid? OwnerOfNew => domid == Domid.Zero ? null : domid;

    public ReadOnlyMemory<byte> Read(XsPath path) => Get(path, XsAccess.Read).Value;

    public IEnumerable<string> List(XsPath path) => Get(path, XsAccess.Read).Children.Keys;

    public (ulong Generation, IEnumerable<string> Names) ListWithGeneration(XsPath path)
    {
        var node = Get(path, XsAccess.Read);
        return (node.Generation, node.Children.Keys);
    }

    public XsPermissions GetPermissions(XsPath path) => Get(path, XsAccess.Read).Permissions;

    public void Write(XsPath path, ReadOnlyMemory<byte> value)
    {
        if (domid != Domid.Zero && value.Length > GuestValueLimit) throw new StoreException(XsError.ENOSPC);
        _ = TryGet(path, XsAccess.Write);
        Make(new(path, tree => tree.Set(path, OwnerOfNew, node => node with { Value = value })));
    }

    public void MakeDirectory(XsPath path)
    {
        if (TryGet(path, XsAccess.Write) is not null) return;
        Make(new(path, tree => tree.Set(path, OwnerOfNew, node => node)));
    }

    public void Remove(XsPath path)
    {
        if (path.Parent is not { } parent) throw new StoreException(XsError.EINVAL);
        if (TryGet(path, XsAccess.Write) is { } node)
        {
            Look(parent);
            Make(new(path, tree => tree.Remove(path), node));
        }
        else if (Look(parent) is null)
        {
            throw new StoreException(XsError.ENOENT);
        }
    }

    public void SetPermissions(XsPath path, XsPermissions permissions)
    {
        var node = Get(path, XsAccess.Write);
        if (domid != Domid.Zero)
        {
            if (node.Permissions.Owner != domid) throw new StoreException(XsError.EACCES);
            if (permissions.Owner != domid) throw new StoreException(XsError.EPERM);
        }

        Make(new(path, tree => tree.Set(path, null, was => was with { Permissions = permissions })));
    }

    private void Make(StoreChange change)
    {
        // Who makes a node changes the list of the parent that was there before.
        if (change.Removed is null && Tree.Find(change.Path) is null) LookAtNearestParent(change.Path);
        Tree = change.Apply(Tree);
        Changes.Add(change);
    }

    private void LookAtNearestParent(XsPath path)
    {
        for (var parent = path.Parent; parent is { } at; parent = at.Parent)
        {
            if (Look(at) is not null) return;
        }
    }

    private StoreNode Get(XsPath path, XsAccess right) => TryGet(path, right) ?? throw new StoreException(XsError.ENOENT);

    /// <summary>Null where there is no such node and the domain may know it: it has this right on the nearest one above.</summary>
    private StoreNode? TryGet(XsPath path, XsAccess right)
    {
        if (path.IsSpecial) throw new StoreException(XsError.EINVAL);
        var node = Look(path);
        var rights = (node ?? Tree.FindNearest(path)).Permissions.For(domid);
        return (rights & right) == right ? node : throw new StoreException(XsError.EACCES);
    }

    private StoreNode? Look(XsPath path)
    {
        Seen.TryAdd(path, start.Find(path)?.Generation);    // as it was at the start: our own changes are no conflict
        return Tree.Find(path);
    }
}
