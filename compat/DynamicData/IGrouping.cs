using DynamicData.Kernel;

namespace DynamicData;

/// <summary>The items of a group, as they were at one moment.</summary>
public interface IGrouping<TObject, TKey, out TGroupKey>
    where TObject : notnull
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The items.</summary>
    IEnumerable<TObject> Items { get; }

    /// <summary>What they have in common.</summary>
    TGroupKey Key { get; }

    /// <summary>The items' own keys.</summary>
    IEnumerable<TKey> Keys { get; }

    /// <summary>Both.</summary>
    IEnumerable<KeyValuePair<TKey, TObject>> KeyValues { get; }

    /// <summary>The item with this key.</summary>
    Optional<TObject> Lookup(TKey key);
}

/// <summary>Changes of groups: Add when a group gets its first item, Update when its items change, Remove when it has none left.</summary>
public interface IImmutableGroupChangeSet<TObject, TKey, TGroupKey> : IChangeSet<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
}
