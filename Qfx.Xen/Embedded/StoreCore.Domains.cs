using System.Globalization;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <content>Domains, transactions, and whatever is not about one node.</content>
internal sealed partial class StoreCore
{
    private readonly Action<Domid, bool> introduced;
    private readonly HashSet<Domid> domains = [Domid.Zero];

    public bool IsIntroduced(Domid domid) => domains.Contains(domid);

    /// <summary>A domain is there; of one that is known already it fires nothing.</summary>
    public void Introduce(Domid domid)
    {
        if (!domains.Add(domid)) return;
        introduced(domid, true);
        FireSpecial(XsPath.IntroduceDomain);
    }

    /// <summary>A domain has shut down, but is still there.</summary>
    public void Shutdown() => FireSpecial(XsPath.ReleaseDomain);

    /// <summary>A domain is gone: its connections, and the nodes that it owned, with it.</summary>
    public bool Release(Domid domid)
    {
        if (domid == Domid.Zero || !domains.Remove(domid)) return false;
        connections.RemoveAll(connection => connection.Domid == domid);
        introduced(domid, false);
        var before = tree;
        foreach (var path in Owned(tree.Root, "", domid).ToArray())
        {
            if (tree.Find(path) is not { } node) continue;
            tree = tree.Remove(path);
            Fire(new(path, _ => tree, node), before);
        }

        FireSpecial(XsPath.ReleaseDomain);
        return true;
    }

    private static IEnumerable<XsPath> Owned(StoreNode node, string path, Domid domid)
    {
        foreach (var (name, child) in node.Children)
        {
            var at = $"{path}/{name}";
            if (child.Permissions.Owner == domid)
            {
                yield return new XsPath(at);
            }
            else
            {
                foreach (var below in Owned(child, at, domid)) yield return below;
            }
        }
    }

    private byte[] Serve(StoreConnection from, XsHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case XsType.Unwatch:
                return Unwatch(from, payload);
            case XsType.ResetWatches:
                from.Watches.Clear();
                from.Transactions.Clear();
                return Ok;
            case XsType.TransactionStart:
                return StartTransaction(from, header);
            case XsType.GetDomainPath:
                return Encoding.ASCII.GetBytes($"{XsPath.Home(DomidOf(ref payload))}\0");
            case XsType.IsDomainIntroduced:
                return Encoding.ASCII.GetBytes(domains.Contains(DomidOf(ref payload)) ? "T\0" : "F\0");
            case XsType.Introduce or XsType.Release or XsType.Control or XsType.Resume or XsType.SetTarget when from.IsGuest:
                throw new StoreException(XsError.EACCES);
            case XsType.Introduce:
                var domid = DomidOf(ref payload);
                Number(Next(ref payload));
                if (Number(Next(ref payload)) == 0) throw new StoreException(XsError.EINVAL);
                Introduce(domid);
                return Ok;
            case XsType.Release:
                var released = DomidOf(ref payload);
                if (released == Domid.Zero) throw new StoreException(XsError.EINVAL);
                return Release(released) ? Ok : throw new StoreException(XsError.ENOENT);
            default:
                throw new StoreException(XsError.ENOSYS);
        }
    }

    private byte[] StartTransaction(StoreConnection from, XsHeader header)
    {
        if (header.TransactionId != 0) throw new StoreException(XsError.EBUSY);
        if (from.IsGuest && from.Transactions.Count >= GuestTransactions) throw new StoreException(XsError.ENOSPC);
        var id = from.LastTransaction = from.LastTransaction == uint.MaxValue ? 1 : from.LastTransaction + 1;
        from.Transactions[id] = new(new StoreView(tree, from.Domid));
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\0"));
    }

    private void EndTransaction(StoreConnection from, XsHeader header, StoreTransaction? transaction, ReadOnlySpan<byte> payload)
    {
        var verdict = Next(ref payload);
        if (transaction is null) throw new StoreException(XsError.ENOENT);
        if (verdict is not ("T" or "F")) throw new StoreException(XsError.EINVAL);
        from.Transactions.Remove(header.TransactionId);
        if (verdict == "T")
        {
            foreach (var (path, generation) in transaction.View.Seen)
            {
                if (tree.Find(path)?.Generation != generation) throw new StoreException(XsError.EAGAIN);
            }

            Commit(transaction.View);
        }

        from.Send(header.Type, header.RequestId, header.TransactionId, Ok);
    }

    private static Domid DomidOf(ref ReadOnlySpan<byte> payload) =>
        Domid.TryParse(Next(ref payload), out var domid) ? domid : throw new StoreException(XsError.EINVAL);
}
