using DynamicData.Kernel;

namespace DynamicData;

/// <summary>An edit of a <see cref="SourceCache{TObject, TKey}"/>.</summary>
internal sealed class SourceUpdater<TObject, TKey>(Recorder<TObject, TKey> recorder, Func<TObject, TKey> keySelector)
    : ISourceUpdater<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    public int Count => recorder.Items.Count;

    public IEnumerable<TObject> Items => recorder.Items.Values;

    public IEnumerable<TKey> Keys => recorder.Items.Keys;

    public IEnumerable<KeyValuePair<TKey, TObject>> KeyValues => recorder.Items;

    public Optional<TObject> Lookup(TKey key) => recorder.Lookup(key);

    public void AddOrUpdate(TObject item) => recorder.Put(keySelector(item), item);

    public void AddOrUpdate(IEnumerable<TObject> items)
    {
        foreach (var item in items) AddOrUpdate(item);
    }

    public void Load(IEnumerable<TObject> items)
    {
        Clear();
        AddOrUpdate(items);
    }

    public void Clear()
    {
        foreach (var key in recorder.Items.Keys.ToArray()) recorder.Remove(key);
    }

    public void Refresh()
    {
        foreach (var key in recorder.Items.Keys) recorder.Refresh(key);
    }

    public void Refresh(TKey key) => recorder.Refresh(key);

    public void Refresh(TObject item) => recorder.Refresh(keySelector(item));

    public void Remove(TKey key) => recorder.Remove(key);

    public void Remove(TObject item) => recorder.Remove(keySelector(item));

    public void Remove(IEnumerable<TKey> keys)
    {
        foreach (var key in keys) recorder.Remove(key);
    }

    public void Remove(IEnumerable<TObject> items)
    {
        foreach (var item in items) Remove(item);
    }
}
