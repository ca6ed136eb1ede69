using DynamicData.Kernel;

namespace DynamicData;

/// <summary>A cache that is changed by hand.</summary>
/// <param name="keySelector">The key of an item.</param>
public sealed class SourceCache<TObject, TKey>(Func<TObject, TKey> keySelector) : ISourceCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    private readonly CacheStore<TObject, TKey> store = new();

    /// <inheritdoc/>
    public int Count => store.Count;

    /// <inheritdoc/>
    public IReadOnlyList<TObject> Items => [.. store.Snapshot().Values];

    /// <inheritdoc/>
    public IReadOnlyList<TKey> Keys => [.. store.Snapshot().Keys];

    /// <inheritdoc/>
    public IReadOnlyDictionary<TKey, TObject> KeyValues => store.Snapshot();

    /// <inheritdoc/>
    public IObservable<IChangeSet<TObject, TKey>> Connect() => store.Connect();

    /// <inheritdoc/>
    public void Edit(Action<ISourceUpdater<TObject, TKey>> updateAction)
    {
        ArgumentNullException.ThrowIfNull(updateAction);
        store.Change((items, set) => updateAction(new Updater(items, set, keySelector)));
    }

    /// <inheritdoc/>
    public Optional<TObject> Lookup(TKey key) => store.Lookup(key);

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();

    private sealed class Updater(
        Dictionary<TKey, TObject> items, ChangeSet<TObject, TKey> set, Func<TObject, TKey> keySelector) : ISourceUpdater<TObject, TKey>
    {
        public void AddOrUpdate(TObject item) => CacheStore<TObject, TKey>.Set(items, set, keySelector(item), item);

        public void AddOrUpdate(IEnumerable<TObject> items)
        {
            foreach (var item in items) AddOrUpdate(item);
        }

        public void Remove(IEnumerable<TKey> keys)
        {
            foreach (var key in keys) Remove(key);
        }

        public void Remove(TKey key) => CacheStore<TObject, TKey>.Remove(items, set, key);
    }
}
