using DynamicData.Kernel;

namespace DynamicData;

/// <summary>What is there now, in an edit.</summary>
public interface IQuery<TObject, TKey>
    where TObject : notnull
{
    /// <summary>How many items.</summary>
    int Count { get; }

    /// <summary>The items.</summary>
    IEnumerable<TObject> Items { get; }

    /// <summary>The keys.</summary>
    IEnumerable<TKey> Keys { get; }

    /// <summary>Both.</summary>
    IEnumerable<KeyValuePair<TKey, TObject>> KeyValues { get; }

    /// <summary>The item with this key.</summary>
    Optional<TObject> Lookup(TKey key);
}

/// <summary>What can be done in an edit to a key. A key that is not there is passed over.</summary>
public interface ICacheUpdater<TObject, TKey> : IQuery<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>Takes everything out: a Remove for each.</summary>
    void Clear();

    /// <summary>A Refresh of each item.</summary>
    void Refresh();

    /// <summary>A Refresh of the item with this key.</summary>
    void Refresh(TKey key);

    /// <summary>Takes out the items with these keys.</summary>
    void Remove(IEnumerable<TKey> keys);

    /// <summary>Takes out the item with this key.</summary>
    void Remove(TKey key);
}

/// <summary>What can be done in an edit to an item, which knows its key.</summary>
public interface ISourceUpdater<TObject, TKey> : ICacheUpdater<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>Puts items in, one after the other.</summary>
    void AddOrUpdate(IEnumerable<TObject> items);

    /// <summary>Puts an item in: an Add, or an Update if its key is there, even if it is an equal one.</summary>
    void AddOrUpdate(TObject item);

    /// <summary>Takes everything out and puts these in: Removes, then Adds.</summary>
    void Load(IEnumerable<TObject> items);

    /// <summary>A Refresh of what is there under the item's key.</summary>
    void Refresh(TObject item);

    /// <summary>Takes out what is there under these items' keys.</summary>
    void Remove(IEnumerable<TObject> items);

    /// <summary>Takes out what is there under the item's key.</summary>
    void Remove(TObject item);
}
