using DynamicData.Kernel;

namespace DynamicData;

/// <summary>Which item is in which group.</summary>
internal sealed class Groups<TObject, TKey, TGroupKey>(Func<TObject, TGroupKey> groupOf)
    where TObject : notnull
    where TKey : notnull
    where TGroupKey : notnull
{
    private readonly Dictionary<TKey, TGroupKey> homes = [];
    private readonly Dictionary<TGroupKey, Group> groups = [];

    /// <summary>Takes changes of items and tells those of groups: one a group, in the order in which they were touched.</summary>
    /// <remarks>An item that moves touches the group it comes to before the one it leaves.</remarks>
    public IImmutableGroupChangeSet<TObject, TKey, TGroupKey> Take(IChangeSet<TObject, TKey> changes)
    {
        var touched = new Dictionary<TGroupKey, Dictionary<TKey, TObject>>();
        foreach (var together in changes.GroupBy(change => groupOf(change.Current)))
        {
            var members = Touch(touched, together.Key);
            foreach (var change in together)
            {
                if (change.Reason == ChangeReason.Moved) continue;
                var stays = change.Reason != ChangeReason.Remove;
                var known = homes.Remove(change.Key, out var home);
                if (!stays) members.Remove(change.Key);
                else if (change.Reason != ChangeReason.Refresh || !known || !Same(home!, together.Key)) members[change.Key] = change.Current;
                if (known && !Same(home!, together.Key)) Touch(touched, home!).Remove(change.Key);
                if (stays) homes.Add(change.Key, together.Key);
            }
        }

        return new GroupChangeSet(touched.Select(pair => Close(pair.Key, pair.Value)));
    }

    private static bool Same(TGroupKey one, TGroupKey other) => EqualityComparer<TGroupKey>.Default.Equals(one, other);

    private Dictionary<TKey, TObject> Touch(Dictionary<TGroupKey, Dictionary<TKey, TObject>> touched, TGroupKey key)
    {
        if (!touched.TryGetValue(key, out var members))
            touched.Add(key, members = groups.TryGetValue(key, out var group) ? new(group.Members) : []);
        return members;
    }

    private Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey> Close(TGroupKey key, Dictionary<TKey, TObject> members)
    {
        var now = new Group(key, members);
        groups.Remove(key, out var was);
        if (members.Count == 0) return new(ChangeReason.Remove, key, was ?? now);    // also a group that came and went in one set
        groups.Add(key, now);
        return was is null ? new(ChangeReason.Add, key, now) : new(ChangeReason.Update, key, now, was);
    }

    private sealed class GroupChangeSet(IEnumerable<Change<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>> changes)
        : ChangeSet<IGrouping<TObject, TKey, TGroupKey>, TGroupKey>(changes), IImmutableGroupChangeSet<TObject, TKey, TGroupKey>;

    /// <summary>Equal to any group of the same key, whatever is in it.</summary>
    private sealed class Group(TGroupKey key, Dictionary<TKey, TObject> members) : IGrouping<TObject, TKey, TGroupKey>, IEquatable<Group>
    {
        public Dictionary<TKey, TObject> Members => members;

        public TGroupKey Key => key;

        public int Count => members.Count;

        public IEnumerable<TObject> Items => members.Values;

        public IEnumerable<TKey> Keys => members.Keys;

        public IEnumerable<KeyValuePair<TKey, TObject>> KeyValues => members;

        public Optional<TObject> Lookup(TKey key) => members.TryGetValue(key, out var item) ? item : Optional<TObject>.None;

        public bool Equals(Group? other) => other is not null && Same(Key, other.Key);

        public override bool Equals(object? obj) => Equals(obj as Group);

        public override int GetHashCode() => Key.GetHashCode();
    }
}
