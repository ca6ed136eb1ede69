using System.Globalization;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Text;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

public sealed partial class XsClient
{
    // Under the gate. By token: a number of its own for every subscription, never used again.
    private readonly Dictionary<ulong, WatchSubscription> watches = [];
    private ulong lastToken;

    /// <inheritdoc/>
    /// <remarks>
    /// An event is handed to the subscriber by the thread that reads the connection, with no lock held: it may ask, watch
    /// and dispose, but must not wait for an answer there. A subscriber that throws ends the connection with its exception as
    /// the inner one, so that it does not go unseen. Nothing is queued: the bound is what the socket holds.
    /// </remarks>
    public IObservable<WatchEvent> Watch(XsPath path) => Observable.Create<WatchEvent>(observer => Subscribe(path, observer));

    private IDisposable Subscribe(XsPath path, IObserver<WatchEvent> observer)
    {
        XenstoreConnectionException? lost;
        lock (gate)
        {
            lost = closed;
            if (lost is null)
            {
                // In the table before it is sent: the first event comes before the answer.
                var watch = new WatchSubscription(this, ++lastToken, path, observer);
                watches.Add(watch.Token, watch);
                SendWatch(new WatchRequest(watch), watch);
                return watch;
            }
        }

        observer.OnError(lost);
        return Disposable.Empty;
    }

    /// <summary>UNWATCH follows WATCH in order, so it may be sent before WATCH is answered, and leaves nothing behind.</summary>
    private void Unsubscribe(WatchSubscription watch)
    {
        lock (gate)
        {
            if (watches.Remove(watch.Token) && closed is null) SendWatch(new XsUnattended(XsType.Unwatch), watch);
        }
    }

    private void SendWatch(XsRequest request, WatchSubscription watch) =>
        Send(request, transaction: 0, watch.Path.ToString(),
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{watch.Token}\0")));

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        var path = XsPayload.Next(ref payload);
        var token = XsPayload.Next(ref payload);
        if (!ulong.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return;
        WatchSubscription? watch;
        lock (gate)
        {
            // Not there: it was disposed, and the event was under way.
            if (!watches.TryGetValue(number, out watch)) return;
        }

        // A path that is none means as much as the watched one: look again.
        var changed = XsPath.TryParse(Encoding.Latin1.GetString(path), out var parsed) ? parsed : watch.Path;
        try
        {
            watch.Observer.OnNext(new(changed));
        }
        catch (Exception e)
        {
            Close($"A subscriber of {watch.Path} threw.", e);
        }
    }

    private sealed class WatchSubscription(XsClient client, ulong token, XsPath path, IObserver<WatchEvent> observer) : IDisposable
    {
        public ulong Token => token;

        public XsPath Path => path;

        public IObserver<WatchEvent> Observer => observer;

        public void Dispose() => client.Unsubscribe(this);

        public void Refuse(XsError error)
        {
            lock (client.gate)
            {
                if (!client.watches.Remove(token)) return;
            }

            observer.OnError(new XenstoreException(XsType.Watch, path.ToString(), error));
        }
    }

    private sealed class WatchRequest(WatchSubscription watch) : XsRequest(XsType.Watch)
    {
        public override void Refuse(XsError error) => watch.Refuse(error);
    }
}
