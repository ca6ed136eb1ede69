using DynamicData.Kernel;

namespace DynamicData;

/// <summary>What happens to items by key.</summary>
public interface IConnectableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>How many items there are: at once, and whenever it is another number.</summary>
    IObservable<int> CountChanged { get; }

    /// <summary>What is there, as Adds; then every change. Completes when the cache is disposed of.</summary>
    /// <param name="predicate">Which items; null for all.</param>
    /// <param name="suppressEmptyChangeSets">Whether a change set without changes is left out, the first one too.</param>
    IObservable<IChangeSet<TObject, TKey>> Connect(Func<TObject, bool>? predicate = null, bool suppressEmptyChangeSets = true);

    /// <summary>The item with this key, if it is there, as an Add; then every change of that key.</summary>
    IObservable<Change<TObject, TKey>> Watch(TKey key);
}

/// <summary>Items by key, and what happens to them. Reading is safe from any thread, and what is read is a copy.</summary>
public interface IObservableCache<TObject, TKey> : IConnectableCache<TObject, TKey>, IDisposable
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The items.</summary>
    IReadOnlyList<TObject> Items { get; }

    /// <summary>The keys.</summary>
    IReadOnlyList<TKey> Keys { get; }

    /// <summary>Both.</summary>
    IReadOnlyDictionary<TKey, TObject> KeyValues { get; }

    /// <summary>The item with this key.</summary>
    Optional<TObject> Lookup(TKey key);
}

/// <summary>A cache that is changed by hand.</summary>
public interface ISourceCache<TObject, TKey> : IObservableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>The key of an item.</summary>
    Func<TObject, TKey> KeySelector { get; }

    /// <summary>Makes changes that go out together. An edit within an edit is part of the outer one.</summary>
    void Edit(Action<ISourceUpdater<TObject, TKey>> updateAction);
}
