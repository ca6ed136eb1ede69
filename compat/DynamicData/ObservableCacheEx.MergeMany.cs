using System.Reactive;
using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace DynamicData;

public static partial class ObservableCacheEx
{
    /// <summary>What the streams of all items bring, each from when its item is added to when it is removed.</summary>
    /// <inheritdoc cref="MergeMany{TObject, TKey, TDestination}(IObservable{IChangeSet{TObject, TKey}}, Func{TObject, TKey, IObservable{TDestination}})"/>
    public static IObservable<TDestination> MergeMany<TObject, TKey, TDestination>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, IObservable<TDestination>> observableSelector)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(observableSelector);
        return source.MergeMany((item, _) => observableSelector(item));
    }

    /// <summary>What the streams of all items bring, each from when its item is added to when it is removed.</summary>
    /// <remarks>
    /// An Update ends the old item's stream, a Refresh does not; of one change set, all new streams begin before any old one
    /// ends. A stream that fails ends alone and unseen; the source's error, or what the selector throws, ends all of it. It
    /// completes when the source and every stream have.
    /// </remarks>
    public static IObservable<TDestination> MergeMany<TObject, TKey, TDestination>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, TKey, IObservable<TDestination>> observableSelector)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(observableSelector);
        return Observable.Create<TDestination>(observer =>
        {
            var merged = Observer.Synchronize(observer);
            var streams = new Streams<TObject, TKey, TDestination>(observableSelector, merged);
            var following = source
                .Select(changes =>
                {
                    streams.BeginNew(changes);
                    return streams;
                })
                .Subscribe(began => began.EndOld(), merged.OnError, streams.End);
            return new CompositeDisposable(following, streams);
        });
    }

    /// <summary>The streams of the items that are there.</summary>
    private sealed class Streams<TObject, TKey, TDestination>(
        Func<TObject, TKey, IObservable<TDestination>> streamOf, IObserver<TDestination> merged) : IDisposable
        where TObject : notnull
        where TKey : notnull
    {
        private readonly Lock gate = new();
        private readonly Dictionary<TKey, IDisposable> open = [];
        private List<IDisposable> old = [];
        private volatile bool disposed;

        /// <summary>The source, and every stream that has not ended.</summary>
        private int running = 1;

        /// <summary>Begins the streams of new items, and sets those of old ones aside.</summary>
        public void BeginNew(IChangeSet<TObject, TKey> changes)
        {
            foreach (var change in changes)
            {
                if (change.Reason is ChangeReason.Refresh or ChangeReason.Moved) continue;
                var begun = change.Reason == ChangeReason.Remove ? null : Begin(change);
                lock (gate)
                {
                    if (open.Remove(change.Key, out var was)) old.Add(was);
                    if (begun is not null) open.Add(change.Key, begun);
                }
            }

            if (disposed) EndOld();    // nobody will call for it
        }

        /// <summary>Ends the streams that were set aside; all of them, once nobody listens any more.</summary>
        public void EndOld()
        {
            List<IDisposable> ending;
            lock (gate)
            {
                ending = old;
                old = [];
                if (disposed)
                {
                    ending.AddRange(open.Values);
                    open.Clear();
                }
            }

            foreach (var stream in ending) stream.Dispose();
        }

        /// <summary>One of those that are running has ended; the last one completes it all.</summary>
        public void End()
        {
            if (Interlocked.Decrement(ref running) == 0) merged.OnCompleted();
        }

        public void Dispose()
        {
            disposed = true;
            EndOld();
        }

        private IDisposable Begin(Change<TObject, TKey> change)
        {
            Interlocked.Increment(ref running);
            return streamOf(change.Current, change.Key).Finally(End).Subscribe(merged.OnNext, _ => { });
        }
    }
}
