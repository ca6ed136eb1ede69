using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Qfx.Xen.Connection;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Watches;

/// <summary>What a client watches: one watch on the server for each path, however many subscribers; kept over the loss of a connection.</summary>
/// <param name="capacity">Of each subscriber's buffer.</param>
/// <param name="threw">A subscriber threw: with its path.</param>
internal sealed class WatchTable(int capacity, Action<XsPath, Exception> threw)
{
    private readonly Lock gate = new();
    private readonly Dictionary<XsPath, ServerWatch> byPath = [];

    // Of the present connection. A number of its own for every registration, never used again.
    private readonly Dictionary<ulong, ServerWatch> byToken = [];
    private ulong lastToken;
    private XsConnection? connection;
    private Exception? closed;

    /// <summary>What is held here, beside so many requests.</summary>
    public XsClientHoldings Count(int requests)
    {
        lock (gate) return new(requests, byPath.Count, byToken.Count, byPath.Values.Sum(watch => watch.Subscribers.Length));
    }

    public IDisposable Join(XsPath path, WatchFilter? filter, IObserver<WatchEvent> observer)
    {
        var subscription = new WatchSubscription(this, path, filter, observer, capacity);
        lock (gate)
        {
            if (closed is not null)
            {
                subscription.End(closed);
                return subscription;
            }

            if (!byPath.TryGetValue(path, out var watch))
            {
                byPath.Add(path, watch = new(path));
                watch.Subscribers = [subscription];
                Register(watch);
                return subscription;
            }

            watch.Subscribers = watch.Subscribers.Add(subscription);
            if (watch.IsSeen) subscription.Enqueue(new(path, WatchKind.Registered, watch.Token));
        }

        return subscription;
    }

    public void Leave(WatchSubscription subscription)
    {
        lock (gate)
        {
            if (!byPath.TryGetValue(subscription.Path, out var watch)) return;
            watch.Subscribers = watch.Subscribers.Remove(subscription);
            if (!watch.Subscribers.IsEmpty) return;
            byPath.Remove(watch.Path);

            // UNWATCH follows WATCH in order, so it may be sent before WATCH is answered, and leaves nothing behind.
            if (byToken.Remove(watch.Token)) Send(new XsUnattended(XsType.Unwatch), watch.Path, watch.Token);
        }
    }

    /// <summary>There is a connection: every live watch is registered on it. What was watched before is told as a resync.</summary>
    public void Use(XsConnection next)
    {
        lock (gate)
        {
            connection = next;
            byToken.Clear();
            foreach (var watch in byPath.Values) Register(watch);
        }
    }

    /// <summary>
    /// The server is about to forget every watch of this connection: each is registered again right behind the request for that, so
    /// that none falls in between. Nothing if there is another connection by now.
    /// </summary>
    /// <param name="on">The connection.</param>
    /// <param name="ask">Sends the request.</param>
    /// <returns>What was registered before.</returns>
    public IReadOnlyList<(XsPath Path, ulong Token)> Again(XsConnection on, Action ask)
    {
        lock (gate)
        {
            if (connection != on) return [];
            ask();
            var before = byToken.Select(pair => (pair.Value.Path, pair.Key)).ToArray();
            byToken.Clear();
            foreach (var watch in byPath.Values) Register(watch);
            return before;
        }
    }

    /// <summary>Takes registrations back that mean nothing any more.</summary>
    public void Unwatch(XsConnection on, IReadOnlyList<(XsPath Path, ulong Token)> registrations)
    {
        lock (gate)
        {
            if (connection != on) return;
            foreach (var (path, token) in registrations) Send(new XsUnattended(XsType.Unwatch), path, token);
        }
    }

    /// <summary>There is none; the watches wait for the next one.</summary>
    public void Lose()
    {
        lock (gate)
        {
            connection = null;
            byToken.Clear();
        }
    }

    /// <summary>There will be none any more: everybody is told, and whoever comes later.</summary>
    public void Close(Exception reason)
    {
        lock (gate)
        {
            if (closed is not null) return;
            closed = reason;
            foreach (var subscription in byPath.Values.SelectMany(watch => watch.Subscribers)) subscription.End(reason);
            byPath.Clear();
            byToken.Clear();
        }
    }

    public void Threw(WatchSubscription subscription, Exception e)
    {
        subscription.Dispose();
        threw(subscription.Path, e);
    }

    private bool Passes(WatchSubscription subscriber, ReadOnlySpan<byte> path)
    {
        try
        {
            return subscriber.Filter is not { } passes || passes(path);
        }
        catch (Exception e)
        {
            Threw(subscriber, e);    // as if it had thrown when it was told
            return false;
        }
    }

    /// <param name="token">As it was registered.</param>
    /// <param name="path">As the server spells it.</param>
    /// <param name="here">Whether subscribers may be told by this thread.</param>
    public void OnEvent(ulong token, ReadOnlySpan<byte> path, bool here)
    {
        ServerWatch? watch;
        ImmutableArray<WatchSubscription> subscribers;
        bool isFirst;
        lock (gate)
        {
            // Not there: nobody watches any more, and the event was under way.
            if (!byToken.TryGetValue(token, out watch)) return;
            subscribers = watch.Subscribers;
            isFirst = !watch.IsSeen;
            watch.IsSeen = true;
        }

        if (isFirst)
        {
            var first = new WatchEvent(watch.Path, watch.Registrations > 1 ? WatchKind.Resync : WatchKind.Registered, token);
            foreach (var subscriber in subscribers) subscriber.Enqueue(first, here);
            return;
        }

        WatchEvent? changed = null;
        foreach (var subscriber in subscribers)
        {
            if (!Passes(subscriber, path)) continue;
            changed ??= new(watch.PathOf(path), watch.Kind, token);
            subscriber.Enqueue(changed.Value, here);
        }
    }

    private void Register(ServerWatch watch)
    {
        watch.Token = ++lastToken;
        watch.IsSeen = false;
        if (connection is null) return;
        watch.Registrations++;
        byToken.Add(watch.Token, watch);    // before it is sent: the first event comes before the answer
        Send(new WatchRequest(this, watch, watch.Token), watch.Path, watch.Token);
    }

    private void Send(XsRequest request, XsPath path, ulong number)
    {
        Span<byte> token = stackalloc byte[24];
        number.TryFormat(token, out var length, provider: CultureInfo.InvariantCulture);
        token[length] = 0;
        connection?.Tell(request, transaction: 0, path.ToString(), token[..(length + 1)]);
    }

    private void Refused(ServerWatch watch, ulong token, XsError error)
    {
        lock (gate)
        {
            if (!byToken.Remove(token)) return;
            byPath.Remove(watch.Path);
            foreach (var subscription in watch.Subscribers) subscription.End(new XenstoreException(XsType.Watch, watch.Path.ToString(), error));
        }
    }

    /// <summary>One watch on the server. Under the table's gate.</summary>
    private sealed class ServerWatch(XsPath path)
    {
        private readonly byte[] bytes = Encoding.ASCII.GetBytes(path.ToString());

        public XsPath Path => path;

        public ulong Token { get; set; }

        public ImmutableArray<WatchSubscription> Subscribers { get; set; } = [];

        /// <summary>The first event has come.</summary>
        public bool IsSeen { get; set; }

        public int Registrations { get; set; }

        public WatchKind Kind { get; } = path == XsPath.IntroduceDomain ? WatchKind.DomainIntroduced
            : path == XsPath.ReleaseDomain ? WatchKind.DomainReleased : WatchKind.Changed;

        /// <summary>A path that is none means as much as the watched one: look again.</summary>
        public XsPath PathOf(ReadOnlySpan<byte> changed) =>
            changed.SequenceEqual(bytes) || !XsPath.TryParse(Encoding.Latin1.GetString(changed), out var parsed) ? path : parsed;
    }

    private sealed class WatchRequest(WatchTable table, ServerWatch watch, ulong token) : XsRequest(XsType.Watch)
    {
        public override void Refuse(XsError error) => table.Refused(watch, token, error);
    }
}
