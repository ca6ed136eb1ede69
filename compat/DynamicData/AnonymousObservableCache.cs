using DynamicData.Kernel;

namespace DynamicData;

internal sealed class AnonymousObservableCache<TObject, TKey> : IObservableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    private readonly CacheStore<TObject, TKey> store = new();
    private readonly IDisposable subscription;

    public AnonymousObservableCache(IObservable<IChangeSet<TObject, TKey>> source) =>
        subscription = source.Subscribe(
            changes => store.Change((items, set) =>
            {
                foreach (var change in changes)
                {
                    if (change.Reason == ChangeReason.Remove) CacheStore<TObject, TKey>.Remove(items, set, change.Key);
                    else CacheStore<TObject, TKey>.Set(items, set, change.Key, change.Current);
                }
            }),
            store.Fail,
            store.Dispose);

    public int Count => store.Count;

    public IReadOnlyList<TObject> Items => [.. store.Snapshot().Values];

    public IReadOnlyList<TKey> Keys => [.. store.Snapshot().Keys];

    public IReadOnlyDictionary<TKey, TObject> KeyValues => store.Snapshot();

    public IObservable<IChangeSet<TObject, TKey>> Connect() => store.Connect();

    public Optional<TObject> Lookup(TKey key) => store.Lookup(key);

    public void Dispose()
    {
        subscription.Dispose();
        store.Dispose();
    }
}
