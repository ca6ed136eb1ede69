using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Streams.Requests;

/// <summary>The events of all request keys: through a watch for each, or from many domains on through one for all.</summary>
/// <remarks>
/// A watch costs the whole host: xenstored compares every write with each. One on <c>/local/domain</c> costs this process
/// instead, for every write of every domain, so what it brings is dropped by its bytes. On the way from one to the other
/// both are there for a moment, and each domain is told to look anew, so nothing falls in between.
/// What is to be done is decided under the gate, and done outside of it, one thing at a time and in the order of the decisions
/// (<see cref="Deeds"/>): whoever is told something may come back at once, or wait for another thread that does.
/// </remarks>
public sealed class QpenWatches(IXenstore store, WatchStrategy strategy) : IDisposable
{
    private static readonly XsPath Homes = XsPath.Root / "local/domain";

    private readonly Lock gate = new();
    private readonly Deeds deeds = new();
    private readonly SerialDisposable all = new();

    // Under the gate.
    private readonly Dictionary<Domid, Follower> followers = [];
    private bool wanted;
    private bool covering;
    private int turns;
    private bool disposed;

    /// <summary>Whether one watch on all domains is in use.</summary>
    public bool IsCovering
    {
        get
        {
            lock (gate) return covering;
        }
    }

    /// <summary>
    /// The events of one domain's key. The first comes at once, and again whenever the way of watching changes. Cold; a domain
    /// has one subscriber at a time.
    /// </summary>
    public IObservable<WatchEvent> Of(Domid domid) => Observable.Create<WatchEvent>(observer =>
    {
        var follower = new Follower(domid, observer);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (followers.Remove(domid, out var older)) deeds.Add(older.Dispose);
            followers.Add(domid, follower);
            if (covering) deeds.Add(() => follower.Tell(new(follower.Key, WatchKind.Registered)));
            else if (!wanted) deeds.Add(() => follower.WatchItself(store, () => { }));    // else it is told when the one watch is there
            Weigh();
        }

        deeds.DoAll();
        return Disposable.Create(() =>
        {
            lock (gate)
            {
                if (followers.GetValueOrDefault(domid) == follower) followers.Remove(domid);
                Weigh();
            }

            follower.Dispose();
            deeds.DoAll();
        });
    });

    /// <summary>Ends the watches; not the streams.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (var follower in followers.Values) deeds.Add(follower.Dispose);
        }

        all.Dispose();
        deeds.DoAll();
    }

    /// <summary>The domain that an event below <c>/local/domain</c> is a reason to look at: its key has changed, or a parent of it.</summary>
    /// <param name="path">As it came; absolute.</param>
    /// <param name="domid">Whose.</param>
    /// <returns>False for anything else, without having allocated anything.</returns>
    public static bool Concerns(ReadOnlySpan<byte> path, out Domid domid)
    {
        domid = default;
        var prefix = "/local/domain/"u8;
        if (!path.StartsWith(prefix)) return false;
        var rest = path[prefix.Length..];
        var slash = rest.IndexOf((byte)'/');
        var below = slash < 0 ? [] : rest[slash..];
        return (below.IsEmpty || below.SequenceEqual("/device/qpen"u8) || below.SequenceEqual("/device"u8))
            && Domid.TryParse(slash < 0 ? rest : rest[..slash], out domid);
    }

    /// <summary>Changes the way of watching if the number of domains asks for it. Under the gate.</summary>
    private void Weigh()
    {
        if (disposed) return;
        var now = followers.Count > strategy.Above || (wanted && followers.Count >= strategy.Below);
        if (now == wanted) return;
        wanted = now;
        var turn = ++turns;
        if (wanted)
        {
            deeds.Add(() => Cover(turn));
            return;
        }

        covering = false;
        Follower[] each = [.. followers.Values];
        deeds.Add(() => Uncover(turn, each));
    }

    /// <summary>One watch for all; when its first event has come, those of the domains go.</summary>
    private void Cover(int turn) => all.Disposable = store.Watch(Homes, static path => Concerns(path, out _)).Subscribe(
        happened =>
        {
            if (happened.Kind is WatchKind.Registered or WatchKind.Resync) Covered(turn, happened.Kind);
            else if (Concerns(Encoding.ASCII.GetBytes(happened.Path.ToString()), out var domid)) Find(domid)?.Tell(happened);
        },
        error =>
        {
            foreach (var follower in All()) follower.End(error);
        });

    private void Covered(int turn, WatchKind kind)
    {
        lock (gate)
        {
            if (turn != turns) return;
            covering = true;
            foreach (var follower in followers.Values)
            {
                deeds.Add(() =>
                {
                    follower.UnwatchItself();
                    follower.Tell(new(follower.Key, kind));
                });
            }
        }

        deeds.DoAll();
    }

    /// <summary>A watch for each again; when all their first events have come, the one goes.</summary>
    private void Uncover(int turn, Follower[] each)
    {
        var left = each.Length + 1;
        void Registered()
        {
            if (Interlocked.Decrement(ref left) > 0) return;
            lock (gate)
            {
                if (turn == turns) deeds.Add(() => all.Disposable = Disposable.Empty);
            }

            deeds.DoAll();
        }

        foreach (var follower in each) follower.WatchItself(store, Registered);
        Registered();
    }

    private Follower[] All()
    {
        lock (gate) return [.. followers.Values];
    }

    private Follower? Find(Domid domid)
    {
        lock (gate) return followers.GetValueOrDefault(domid);
    }

    /// <summary>One domain's subscriber, and the watch of its own while it has one.</summary>
    private sealed class Follower(Domid domid, IObserver<WatchEvent> observer) : IDisposable
    {
        private readonly XsPath key = QpenNode.Of(domid);
        private readonly IObserver<WatchEvent> observer = System.Reactive.Observer.Synchronize(observer);
        private readonly SerialDisposable own = new();

        public XsPath Key => key;

        public void Tell(WatchEvent happened) => observer.OnNext(happened);

        public void End(Exception error) => observer.OnError(error);

        public void UnwatchItself() => own.Disposable = Disposable.Empty;

        /// <param name="store">Where.</param>
        /// <param name="registered">Called once: when the first event has come, or when there will be none.</param>
        public void WatchItself(IXenstore store, Action registered)
        {
            var over = Disposable.Create(registered);
            own.Disposable = StableCompositeDisposable.Create(
                store.WatchFor(domid, key).Subscribe(
                    happened =>
                    {
                        Tell(happened);
                        over.Dispose();
                    },
                    error =>
                    {
                        over.Dispose();
                        End(error);
                    }),
                over);
        }

        public void Dispose() => own.Dispose();
    }
}
