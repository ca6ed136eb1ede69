using DynamicData.Kernel;

namespace DynamicData;

/// <summary>Items by key that remember what was done to them. For one thread at a time.</summary>
internal sealed class Recorder<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    private ChangeSet<TObject, TKey> changes = [];

    public Dictionary<TKey, TObject> Items { get; } = [];

    public Optional<TObject> Lookup(TKey key) => Items.TryGetValue(key, out var item) ? item : Optional<TObject>.None;

    public void Put(TKey key, TObject item)
    {
        changes.Add(Items.TryGetValue(key, out var was)
            ? new(ChangeReason.Update, key, item, Optional.Some(was))
            : new(ChangeReason.Add, key, item));
        Items[key] = item;
    }

    public void Remove(TKey key)
    {
        if (Items.Remove(key, out var was)) changes.Add(new(ChangeReason.Remove, key, was));
    }

    public void Refresh(TKey key)
    {
        if (Items.TryGetValue(key, out var item)) changes.Add(new(ChangeReason.Refresh, key, item));
    }

    /// <summary>Does the same again.</summary>
    public void Follow(IChangeSet<TObject, TKey> others)
    {
        foreach (var change in others)
        {
            switch (change.Reason)
            {
                case ChangeReason.Add or ChangeReason.Update: Put(change.Key, change.Current); break;
                case ChangeReason.Remove: Remove(change.Key); break;
                case ChangeReason.Refresh: Refresh(change.Key); break;
                default: break;    // Moved: nothing here has a place
            }
        }
    }

    /// <summary>What was done since it was last asked; maybe nothing.</summary>
    public ChangeSet<TObject, TKey> Take()
    {
        var taken = changes;
        changes = [];
        return taken;
    }
}
