using System.Globalization;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <content>Domains, transactions, and whatever is not about one node.</content>
internal sealed partial class StoreCore
{
    /// <summary>DOMID_SELF in xen/include/public/xen.h: whoever asks is there.</summary>
    private const int Self = 0x7FF0;

    private readonly Action<Domid, bool> introduced;
    private readonly HashSet<Domid> domains = [Domid.Zero];
    private readonly Dictionary<Domid, Domid> targets = [];

    public bool IsIntroduced(Domid domid) => domains.Contains(domid);

    /// <summary>A domain is there; of one that is known already it fires nothing, but what that one held is forgotten: its ring begins anew.</summary>
    public void Introduce(Domid domid)
    {
        if (!domains.Add(domid))
        {
            foreach (var connection in connections.Where(connection => connection.IsGuest && connection.Domid == domid)) Forget(connection);
            return;
        }

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
        targets.Remove(domid);
        introduced(domid, false);
        foreach (var path in nodes.TopOwnedBy(domid))
        {
            var view = new StoreView(nodes, transaction: null, new(Domid.Zero, null));
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
                Forget(from);
                return Ok;
            case XsType.TransactionStart:
                return StartTransaction(from, header);
            case XsType.GetDomainPath:
                return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/local/domain/{unchecked((uint)Atoi(Next(ref payload)))}\0"));
            case XsType.IsDomainIntroduced:
                return Encoding.ASCII.GetBytes(One(payload) is var number && (number == Self || Known(number) is not null) ? "T\0" : "F\0");
            case XsType.Introduce:
                Introduce(ref payload);
                return Ok;
            case XsType.Release:
                Release(Guest(payload));
                return Ok;
            case XsType.Resume:
                Guest(payload);
                return Ok;
            case XsType.SetTarget:
                SetTarget(ref payload);
                return Ok;
            case XsType.Control:
                return Control(payload);
            default:
                throw new StoreException(XsError.ENOSYS);
        }
    }

    private byte[] StartTransaction(StoreConnection from, XsHeader header)
    {
        if (header.TransactionId != 0) throw new StoreException(XsError.EBUSY);    // ENOENT, where it is none, came before
        if (from.IsGuest && HeldBy(from.Domid).Transactions >= GuestTransactions) throw new StoreException(XsError.ENOSPC);
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

    private void Introduce(ref ReadOnlySpan<byte> payload)
    {
        var number = Atoi(Next(ref payload));
        _ = Next(ref payload);    // the frame: there is no memory to map
        if (Atoi(Next(ref payload)) == 0 || number is < 0 or > Domid.MaxValue) throw new StoreException(XsError.EINVAL);
        Introduce(new Domid(number));
    }

    private void SetTarget(ref ReadOnlySpan<byte> payload)
    {
        var number = Atoi(Next(ref payload));
        var target = Atoi(Next(ref payload));
        targets[Known(number) ?? throw new StoreException(XsError.ENOENT)] = Known(target) ?? throw new StoreException(XsError.ENOENT);
    }

    private static void Forget(StoreConnection connection)
    {
        connection.Watches.Clear();
        connection.Transactions.Clear();
    }

    private StoreCaller Caller(Domid domid) => new(domid, targets.TryGetValue(domid, out var target) ? target : null);

    /// <summary>A domain that is there; null where there is none of this number.</summary>
    private Domid? Known(int number) => number is >= 0 and <= Domid.MaxValue && domains.Contains(new(number)) ? new Domid(number) : null;

    /// <summary>A known domain that is not dom0; what is no number is 0, as for the C server.</summary>
    private Domid Guest(ReadOnlySpan<byte> payload)
    {
        var number = One(payload);
        if (number == 0) throw new StoreException(XsError.EINVAL);
        return Known(number) ?? throw new StoreException(XsError.ENOENT);
    }

    /// <summary>The number of a payload that is one text.</summary>
    private static int One(ReadOnlySpan<byte> payload)
    {
        var text = Next(ref payload);
        return payload.IsEmpty ? Atoi(text) : throw new StoreException(XsError.EINVAL);
    }
}
