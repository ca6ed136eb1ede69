using System.Text;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Embedded;

/// <content>Watches, and what makes them fire.</content>
internal sealed partial class StoreCore
{
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

    private void FireSpecial(XsPath path)
    {
        // Only dom0 may know of other domains.
        foreach (var connection in connections.Where(connection => !connection.IsGuest))
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
