using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace DynamicData;

/// <summary>What can be made of a stream of change sets.</summary>
public static class ObservableCacheEx
{
    /// <summary>A cache of what the source says, kept while the cache is not disposed of.</summary>
    public static IObservableCache<TObject, TKey> AsObservableCache<TObject, TKey>(this IObservable<IChangeSet<TObject, TKey>> source)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        return new AnonymousObservableCache<TObject, TKey>(source);
    }

    /// <summary>The items that the filter lets pass: an Update can be an Add or a Remove behind it.</summary>
    public static IObservable<IChangeSet<TObject, TKey>> Filter<TObject, TKey>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, bool> filter)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(filter);
        return Derive<TObject, TKey, TObject, TKey>(source, (change, items, set) =>
        {
            if (change.Reason != ChangeReason.Remove && filter(change.Current))
                CacheStore<TObject, TKey>.Set(items, set, change.Key, change.Current);
            else
                CacheStore<TObject, TKey>.Remove(items, set, change.Key);
        });
    }

    /// <summary>Each item as something else under the same key.</summary>
    public static IObservable<IChangeSet<TDestination, TKey>> Transform<TDestination, TSource, TKey>(
        this IObservable<IChangeSet<TSource, TKey>> source, Func<TSource, TDestination> transformFactory)
        where TDestination : notnull
        where TSource : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transformFactory);
        return Derive<TSource, TKey, TDestination, TKey>(source, (change, items, set) =>
        {
            if (change.Reason == ChangeReason.Remove) CacheStore<TDestination, TKey>.Remove(items, set, change.Key);
            else CacheStore<TDestination, TKey>.Set(items, set, change.Key, transformFactory(change.Current));
        });
    }

    /// <summary>Without the Updates that change nothing that matters.</summary>
    public static IObservable<IChangeSet<TObject, TKey>> IgnoreUpdateWhen<TObject, TKey>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, TObject, bool> ignoreFunction)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(ignoreFunction);
        return source
            .Select(changes => new ChangeSet<TObject, TKey>(changes.Where(change =>
                change.Reason != ChangeReason.Update || !ignoreFunction(change.Current, change.Previous.Value))))
            .Where(changes => changes.Count > 0);
    }

    /// <summary>The items by group; each change of a group is a new, immutable one.</summary>
    public static IObservable<IImmutableGroupChangeSet<TObject, TKey, TGroupKey>> GroupWithImmutableState<TObject, TKey, TGroupKey>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, TGroupKey> groupSelectorKey)
        where TObject : notnull
        where TKey : notnull
        where TGroupKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(groupSelectorKey);
        return Observable.Defer(() =>
        {
            var groups = new Groups<TObject, TKey, TGroupKey>(groupSelectorKey);
            return source.Select(groups.Take).Where(changes => changes.Count > 0);
        });
    }

    /// <summary>What the streams of all items bring, each from when its item is added to when it is removed.</summary>
    /// <remarks>An Update ends the old item's stream and begins the new one's. The error of an item's stream ends that stream alone, unseen.</remarks>
    public static IObservable<TDestination> MergeMany<TObject, TKey, TDestination>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, IObservable<TDestination>> observableSelector)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(observableSelector);
        return Observable.Create<TDestination>(observer =>
        {
            var merged = System.Reactive.Observer.Synchronize(observer);
            var open = new Open(merged.OnCompleted);
            var items = new Dictionary<TKey, IDisposable>();
            var subscription = source.Subscribe(
                changes =>
                {
                    foreach (var change in changes)
                    {
                        items.Remove(change.Key, out var was);
                        if (change.Reason != ChangeReason.Remove)
                        {
                            open.Begin();
                            items.Add(change.Key, observableSelector(change.Current).Finally(open.End).Subscribe(merged.OnNext, _ => { }));
                        }

                        was?.Dispose();
                    }
                },
                merged.OnError,
                open.End);
            return Disposable.Create(() =>
            {
                subscription.Dispose();
                foreach (var item in items.Values) item.Dispose();
            });
        });
    }

    private static IObservable<IChangeSet<TTo, TToKey>> Derive<TFrom, TFromKey, TTo, TToKey>(
        IObservable<IChangeSet<TFrom, TFromKey>> source,
        Action<Change<TFrom, TFromKey>, Dictionary<TToKey, TTo>, ChangeSet<TTo, TToKey>> take)
        where TFrom : notnull
        where TFromKey : notnull
        where TTo : notnull
        where TToKey : notnull =>
        Observable.Defer(() =>
        {
            var items = new Dictionary<TToKey, TTo>();
            return source
                .Select(changes =>
                {
                    var set = new ChangeSet<TTo, TToKey>();
                    foreach (var change in changes) take(change, items, set);
                    return set;
                })
                .Where(set => set.Count > 0);
        });

    /// <summary>Counts the source and its items; the last that ends completes it all.</summary>
    private sealed class Open(Action completed)
    {
        private int count = 1;

        public void Begin() => Interlocked.Increment(ref count);

        public void End()
        {
            if (Interlocked.Decrement(ref count) == 0) completed();
        }
    }
}
