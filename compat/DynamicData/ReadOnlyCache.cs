using DynamicData.Kernel;

namespace DynamicData;

/// <summary>A cache seen by someone who is not to change or dispose of it.</summary>
internal sealed class ReadOnlyCache<TObject, TKey>(IObservableCache<TObject, TKey> cache) : IObservableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    public int Count => cache.Count;

    public IObservable<int> CountChanged => cache.CountChanged;

    public IReadOnlyList<TObject> Items => cache.Items;

    public IReadOnlyList<TKey> Keys => cache.Keys;

    public IReadOnlyDictionary<TKey, TObject> KeyValues => cache.KeyValues;

    public IObservable<IChangeSet<TObject, TKey>> Connect(Func<TObject, bool>? predicate = null, bool suppressEmptyChangeSets = true) =>
        cache.Connect(predicate, suppressEmptyChangeSets);

    public Optional<TObject> Lookup(TKey key) => cache.Lookup(key);

    public IObservable<Change<TObject, TKey>> Watch(TKey key) => cache.Watch(key);

    public void Dispose()
    {
    }
}
