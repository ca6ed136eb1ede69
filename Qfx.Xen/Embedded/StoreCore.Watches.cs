using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <content>Watches, and what makes them fire.</content>
internal sealed partial class StoreCore
{
    private readonly Dictionary<XsPath, XsPermissions> special = new()
    {
        [XsPath.IntroduceDomain] = new(new XsPermission(XsAccess.None, Domid.Zero)),
        [XsPath.ReleaseDomain] = new(new XsPermission(XsAccess.None, Domid.Zero)),
    };

    private void Watch(StoreConnection from, XsHeader header, ReadOnlySpan<byte> payload)
    {
        var spelled = Next(ref payload);
        var token = Next(ref payload);
        var path = PathOf(from, spelled);
        if (from.Watches.Any(watch => watch.Path == path && watch.Token == token)) throw new StoreException(XsError.EEXIST);
        if (from.IsGuest && HeldBy(from.Domid).Watches >= GuestWatches) throw new StoreException(XsError.E2BIG);
        from.Watches.Add(new(path, spelled, token));
        from.Send(header.Type, header.RequestId, header.TransactionId, Ok);
        Notify(from, spelled, token);    // once at the start, even for what is missing
    }

    private static byte[] Unwatch(StoreConnection from, ReadOnlySpan<byte> payload)
    {
        var spelled = Next(ref payload);
        var token = Next(ref payload);
        if (!TryPath(from, spelled, out var path)) throw new StoreException(XsError.ENOENT);    // nothing is watched there
        return from.Watches.RemoveAll(watch => watch.Path == path && watch.Token == token) > 0
            ? Ok : throw new StoreException(XsError.ENOENT);
    }

    /// <summary>Who may know of domains that come and go: by default dom0 alone.</summary>
    private void SetSpecial(StoreCaller from, XsPath path, XsPermissions permissions)
    {
        if (from.IsGuest && permissions.Entries.Length > StoreView.GuestPermissions) throw new StoreException(XsError.ENOSPC);
        if (!special.TryGetValue(path, out var now)) throw new StoreException(XsError.EINVAL);
        if (!from.Owns(now)) throw new StoreException(XsError.EACCES);
        special[path] = permissions;
    }

    private void FireSpecial(XsPath path)
    {
        foreach (var connection in connections.Where(connection => (Caller(connection.Domid).RightsOn(special[path]) & XsAccess.Read) != 0))
        {
            foreach (var watch in connection.Watches.Where(watch => watch.Path == path)) Notify(connection, watch.Spelled, watch.Token);
        }
    }

    private void Fire(IReadOnlyList<StoreChange> changes)
    {
        foreach (var change in changes)
        {
            foreach (var connection in connections)
            {
                if (connection.Watches.Count == 0 || !change.MayBeKnownTo(Caller(connection.Domid))) continue;
                foreach (var watch in connection.Watches)
                {
                    if (change.IsExact ? watch.Path == change.Path : watch.Path.Contains(change.Path))
                        Notify(connection, Spell(connection, watch, change.Path), watch.Token);
                }
            }
        }
    }

    private static string Spell(StoreConnection connection, StoreWatch watch, XsPath changed) =>
        watch.Spelled.StartsWith('/') ? changed.ToString() : changed.ToString()[(connection.Home.ToString().Length + 1)..];

    private static void Notify(StoreConnection connection, string path, string token) =>
        connection.Send(XsType.WatchEvent, 0, 0, Encoding.Latin1.GetBytes($"{path}\0{token}\0"));
}
