using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <content>Watches, and what makes them fire.</content>
internal sealed partial class StoreCore
{
    private static void Watch(StoreConnection from, XsHeader header, ReadOnlySpan<byte> payload)
    {
        var spelled = Next(ref payload);
        var token = Next(ref payload);
        var path = PathOf(from, spelled);
        if (path.IsSpecial && path != XsPath.IntroduceDomain && path != XsPath.ReleaseDomain) throw new StoreException(XsError.EINVAL);
        if (from.Watches.Any(watch => watch.Path == path && watch.Token == token)) throw new StoreException(XsError.EEXIST);
        if (from.IsGuest && from.Watches.Count >= GuestWatches) throw new StoreException(XsError.E2BIG);
        from.Watches.Add(new(path, spelled, token));
        from.Send(header.Type, header.RequestId, header.TransactionId, Ok);
        Notify(from, spelled, token);    // once at the start, even for what is missing
    }

    private static byte[] Unwatch(StoreConnection from, ReadOnlySpan<byte> payload)
    {
        var path = PathOf(from, Next(ref payload));
        var token = Next(ref payload);
        return from.Watches.RemoveAll(watch => watch.Path == path && watch.Token == token) > 0
            ? Ok : throw new StoreException(XsError.ENOENT);
    }

    private void FireSpecial(XsPath path)
    {
        // Only dom0 may know of other domains.
        foreach (var connection in connections.Where(connection => !connection.IsGuest))
        {
            foreach (var watch in connection.Watches.Where(watch => watch.Path == path)) Notify(connection, watch.Spelled, watch.Token);
        }
    }

    private void Fire(StoreChange change, StoreTree before)
    {
        foreach (var connection in connections)
        {
            if (connection.Watches.Count == 0) continue;
            foreach (var watch in connection.Watches.ToArray())
            {
                if (watch.Path.Contains(change.Path))
                {
                    if (MayKnow(connection.Domid, change, before)) Notify(connection, Spell(connection, watch, change.Path), watch.Token);
                }
                else if (change.Removed is not null && change.Path.Contains(watch.Path) && before.Find(watch.Path) is { } inside
                    && (inside.Permissions.For(connection.Domid) & XsAccess.Read) != 0)
                {
                    Notify(connection, watch.Spelled, watch.Token);
                }
            }
        }
    }

    /// <summary>Who may read the node, or its parent and so the list that it stands in.</summary>
    private bool MayKnow(Domid domid, StoreChange change, StoreTree before)
    {
        if (domid == Domid.Zero) return true;
        var node = change.Removed ?? tree.Find(change.Path) ?? before.Find(change.Path);
        if (node is not null && (node.Permissions.For(domid) & XsAccess.Read) != 0) return true;
        return change.Path.Parent is { } parent && tree.Find(parent) is { } above && (above.Permissions.For(domid) & XsAccess.Read) != 0;
    }

    private static string Spell(StoreConnection connection, StoreWatch watch, XsPath changed) =>
        watch.Spelled.StartsWith('/') ? changed.ToString() : changed.ToString()[(connection.Home.ToString().Length + 1)..];

    private static void Notify(StoreConnection connection, string path, string token) =>
        connection.Send(XsType.WatchEvent, 0, 0, Encoding.Latin1.GetBytes($"{path}\0{token}\0"));
}
