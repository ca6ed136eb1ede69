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
        foreach (var path in nodes.TopOwnedBy(domid))
        {
            var view = new StoreView(nodes, transaction: null, Domid.Zero);
            view.Remove(path);
            Fire(view.Changes);
        }

        FireSpecial(XsPath.ReleaseDomain);
        return true;
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
                return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/local/domain/{unchecked((uint)Atoi(Next(ref payload)))}\0"));
            case XsType.IsDomainIntroduced:
                return Encoding.ASCII.GetBytes(domains.Contains(DomidOf(ref payload)) ? "T\0" : "F\0");
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
            case XsType.Resume:
                var resumed = DomidOf(ref payload);
                if (resumed == Domid.Zero) throw new StoreException(XsError.EINVAL);
                return domains.Contains(resumed) ? Ok : throw new StoreException(XsError.ENOENT);
            case XsType.Control:
                return Control(payload);
            default:
                throw new StoreException(XsError.ENOSYS);
        }
    }

    private static byte[] StartTransaction(StoreConnection from, XsHeader header)
    {
        if (header.TransactionId != 0) throw new StoreException(XsError.EBUSY);    // ENOENT, where it is none, came before
        if (from.IsGuest && from.Transactions.Count >= GuestTransactions) throw new StoreException(XsError.ENOSPC);
        var id = from.LastTransaction = from.LastTransaction == uint.MaxValue ? 1 : from.LastTransaction + 1;
        from.Transactions[id] = new();
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\0"));
    }

    private void EndTransaction(StoreConnection from, XsHeader header, StoreTransaction? transaction, ReadOnlySpan<byte> payload)
    {
        var verdict = Next(ref payload);
        if (verdict is not ("T" or "F")) throw new StoreException(XsError.EINVAL);
        if (transaction is null) throw new StoreException(XsError.ENOENT);
        from.Transactions.Remove(header.TransactionId);
        if (verdict == "T") Fire(transaction.Commit(nodes, from.IsGuest));
        from.Send(header.Type, header.RequestId, header.TransactionId, Ok);
    }

    private static Domid DomidOf(ref ReadOnlySpan<byte> payload) =>
        Domid.TryParse(Next(ref payload), out var domid) ? domid : throw new StoreException(XsError.EINVAL);
}
