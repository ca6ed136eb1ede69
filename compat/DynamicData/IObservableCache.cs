using DynamicData.Kernel;

namespace DynamicData;

/// <summary>Items by key, and what happens to them.</summary>
public interface IObservableCache<TObject, TKey> : IDisposable
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

    /// <summary>What is there, as Adds, unless it is nothing; then every change. Completes when the cache is disposed of.</summary>
    IObservable<IChangeSet<TObject, TKey>> Connect();

    /// <summary>The item with this key.</summary>
    Optional<TObject> Lookup(TKey key);
}

/// <summary>A cache that is changed by hand.</summary>
public interface ISourceCache<TObject, TKey> : IObservableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>Makes changes that go out together.</summary>
    void Edit(Action<ISourceUpdater<TObject, TKey>> updateAction);
}

/// <summary>What can be done in an edit.</summary>
public interface ISourceUpdater<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>Puts an item in: an Add or an Update.</summary>
    void AddOrUpdate(TObject item);

    /// <summary>Puts items in.</summary>
    void AddOrUpdate(IEnumerable<TObject> items);

    /// <summary>Takes items out; a key that is not there is passed over.</summary>
    void Remove(IEnumerable<TKey> keys);

    /// <summary>Takes an item out; a key that is not there is passed over.</summary>
    void Remove(TKey key);
}
