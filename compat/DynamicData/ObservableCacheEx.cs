using System.Reactive.Linq;

namespace DynamicData;

/// <summary>What can be made of a stream of change sets.</summary>
public static partial class ObservableCacheEx
{
    /// <summary>The same cache for reading only: disposing of it does nothing.</summary>
    public static IObservableCache<TObject, TKey> AsObservableCache<TObject, TKey>(this IObservableCache<TObject, TKey> source)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ReadOnlyCache<TObject, TKey>(source);
    }

    /// <summary>A cache of what the source says, kept from now on until the cache is disposed of.</summary>
    public static IObservableCache<TObject, TKey> AsObservableCache<TObject, TKey>(this IObservable<IChangeSet<TObject, TKey>> source)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ObservableCache<TObject, TKey>(source);
    }

    /// <summary>The items under other keys, which must be as unique as the old ones. Each change keeps its reason.</summary>
    public static IObservable<IChangeSet<TObject, TDestinationKey>> ChangeKey<TObject, TSourceKey, TDestinationKey>(
        this IObservable<IChangeSet<TObject, TSourceKey>> source, Func<TObject, TDestinationKey> keySelector)
        where TObject : notnull
        where TSourceKey : notnull
        where TDestinationKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(keySelector);
        return source.Select(changes => new ChangeSet<TObject, TDestinationKey>(changes.Select(change =>
            new Change<TObject, TDestinationKey>(change.Reason, keySelector(change.Current), change.Current, change.Previous))));
    }

    /// <summary>The items that the filter lets pass: an Update can be an Add or a Remove behind it, and so can a Refresh.</summary>
    /// <remarks>What the filter throws falls on whoever made the change.</remarks>
    public static IObservable<IChangeSet<TObject, TKey>> Filter<TObject, TKey>(
        this IObservable<IChangeSet<TObject, TKey>> source, Func<TObject, bool> filter, bool suppressEmptyChangeSets = true)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(filter);
        return Observable.Create<IChangeSet<TObject, TKey>>(observer =>
        {
            var passed = new Recorder<TObject, TKey>();
            return source.Subscribe(
                changes =>
                {
                    foreach (var change in changes) Sift(passed, change, filter);
                    var sifted = passed.Take();
                    if (sifted.Count > 0 || !suppressEmptyChangeSets) observer.OnNext(sifted);
                },
                observer.OnError,
                observer.OnCompleted);
        });
    }

    /// <summary>The items by group; each change of a group is a new, immutable one.</summary>
    /// <remarks>Change sets that would be empty are left out. What the selector throws ends the stream.</remarks>
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

    /// <summary>Without the Updates that change nothing that matters.</summary>
    /// <param name="source">All changes.</param>
    /// <param name="ignoreFunction">Of the current and the previous item: whether to leave the Update out.</param>
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

    /// <summary>Each item as something else under the same key; made anew at an Update, kept at a Refresh.</summary>
    /// <remarks>What the factory throws ends the stream.</remarks>
    public static IObservable<IChangeSet<TDestination, TKey>> Transform<TDestination, TSource, TKey>(
        this IObservable<IChangeSet<TSource, TKey>> source, Func<TSource, TDestination> transformFactory)
        where TDestination : notnull
        where TSource : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(transformFactory);
        return Observable.Defer(() =>
        {
            var made = new Recorder<TDestination, TKey>();
            return source.Select(changes =>
            {
                foreach (var change in changes) Make(made, change, transformFactory);
                return made.Take();
            });
        });
    }

    private static void Sift<TObject, TKey>(Recorder<TObject, TKey> passed, Change<TObject, TKey> change, Func<TObject, bool> filter)
        where TObject : notnull
        where TKey : notnull
    {
        if (change.Reason == ChangeReason.Moved) return;
        if (change.Reason == ChangeReason.Remove || !filter(change.Current)) passed.Remove(change.Key);
        else if (change.Reason == ChangeReason.Refresh && passed.Items.ContainsKey(change.Key)) passed.Refresh(change.Key);
        else passed.Put(change.Key, change.Current);
    }

    private static void Make<TDestination, TSource, TKey>(
        Recorder<TDestination, TKey> made, Change<TSource, TKey> change, Func<TSource, TDestination> factory)
        where TDestination : notnull
        where TSource : notnull
        where TKey : notnull
    {
        switch (change.Reason)
        {
            case ChangeReason.Add or ChangeReason.Update: made.Put(change.Key, factory(change.Current)); break;
            case ChangeReason.Remove: made.Remove(change.Key); break;
            case ChangeReason.Refresh: made.Refresh(change.Key); break;
            default: break;    // Moved: nothing here has a place
        }
    }
}
