namespace DynamicData;

/// <summary>The items of a group, as they were at one moment.</summary>
public interface IGrouping<TObject, TKey, out TGroupKey>
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The items.</summary>
    IEnumerable<TObject> Items { get; }

    /// <summary>What they have in common.</summary>
    TGroupKey Key { get; }
}

/// <summary>Changes of groups: Add when a group gets its first item, Update when its items change, Remove when it has none left.</summary>
public interface IImmutableGroupChangeSet<TObject, TKey, TGroupKey> : IChangeSet<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
}

internal sealed class ImmutableGroupChangeSet<TObject, TKey, TGroupKey>(IEnumerable<Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>> changes)
    : List<Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>>(changes), IImmutableGroupChangeSet<TObject, TKey, TGroupKey>
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
}

internal sealed record ImmutableGrouping<TObject, TKey, TGroupKey>(TGroupKey Key, IReadOnlyDictionary<TKey, TObject> Members)
    : IGrouping<TObject, TKey, TGroupKey>
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
    public int Count => Members.Count;

    public IEnumerable<TObject> Items => Members.Values;
}

/// <summary>Which item is in which group.</summary>
internal sealed class Groups<TObject, TKey, TGroupKey>(Func<TObject, TGroupKey> groupOf)
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
    private readonly Dictionary<TKey, TGroupKey> groupOfKey = [];
    private readonly Dictionary<TGroupKey, ImmutableGrouping<TObject, TKey, TGroupKey>> groups = [];

    public ImmutableGroupChangeSet<TObject, TKey, TGroupKey> Take(IChangeSet<TObject, TKey> changes)
    {
        var members = new Dictionary<TGroupKey, Dictionary<TKey, TObject>>();
        foreach (var change in changes)
        {
            if (groupOfKey.Remove(change.Key, out var old)) Open(members, old).Remove(change.Key);
            if (change.Reason == ChangeReason.Remove) continue;
            var group = groupOf(change.Current);
            groupOfKey.Add(change.Key, group);
            Open(members, group)[change.Key] = change.Current;
        }

        return new(members.Select(pair => Close(pair.Key, pair.Value)).OfType<Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>>().ToArray());
    }

    private Dictionary<TKey, TObject> Open(Dictionary<TGroupKey, Dictionary<TKey, TObject>> members, TGroupKey key)
    {
        if (!members.TryGetValue(key, out var open))
            members.Add(key, open = groups.TryGetValue(key, out var group) ? new(group.Members) : []);
        return open;
    }

    private Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>? Close(TGroupKey key, Dictionary<TKey, TObject> members)
    {
        groups.TryGetValue(key, out var was);
        if (members.Count == 0)
        {
            groups.Remove(key);
            return was is null ? null : new(ChangeReason.Remove, key, was);
        }

        var now = new ImmutableGrouping<TObject, TKey, TGroupKey>(key, members);
        groups[key] = now;
        return was is null
            ? new(ChangeReason.Add, key, now)
            : new(ChangeReason.Update, key, now, new Kernel.Optional<IGrouping<TObject, TKey, TGroupKey>>(was));
    }
}
