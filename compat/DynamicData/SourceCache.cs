using DynamicData.Kernel;

namespace DynamicData;

/// <summary>A cache that is changed by hand.</summary>
public sealed class SourceCache<TObject, TKey> : ISourceCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    private readonly ObservableCache<TObject, TKey> cache = new();

    /// <summary>An empty cache.</summary>
    /// <param name="keySelector">The key of an item; the same one for as long as the item is here.</param>
    public SourceCache(Func<TObject, TKey> keySelector)
    {
        ArgumentNullException.ThrowIfNull(keySelector);
        KeySelector = keySelector;
    }

    /// <inheritdoc/>
    public int Count => cache.Count;

    /// <inheritdoc/>
    public IObservable<int> CountChanged => cache.CountChanged;

    /// <inheritdoc/>
    public IReadOnlyList<TObject> Items => cache.Items;

    /// <inheritdoc/>
    public IReadOnlyList<TKey> Keys => cache.Keys;

    /// <inheritdoc/>
    public Func<TObject, TKey> KeySelector { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<TKey, TObject> KeyValues => cache.KeyValues;

    /// <inheritdoc/>
    public IObservable<IChangeSet<TObject, TKey>> Connect(Func<TObject, bool>? predicate = null, bool suppressEmptyChangeSets = true) =>
        cache.Connect(predicate, suppressEmptyChangeSets);

    /// <inheritdoc/>
    public void Dispose() => cache.Dispose();

    /// <inheritdoc/>
    public void Edit(Action<ISourceUpdater<TObject, TKey>> updateAction)
    {
        ArgumentNullException.ThrowIfNull(updateAction);
        cache.Edit(recorder => updateAction(new SourceUpdater<TObject, TKey>(recorder, KeySelector)));
    }

    /// <inheritdoc/>
    public Optional<TObject> Lookup(TKey key) => cache.Lookup(key);

    /// <inheritdoc/>
    public IObservable<Change<TObject, TKey>> Watch(TKey key) => cache.Watch(key);
}
