namespace DynamicData;

/// <summary>How many changes of each kind were made together.</summary>
public interface IChangeSet
{
    /// <summary>How many Adds.</summary>
    int Adds { get; }

    /// <summary>How many there is room for.</summary>
    int Capacity { get; set; }

    /// <summary>How many in all.</summary>
    int Count { get; }

    /// <summary>How many Moved.</summary>
    int Moves { get; }

    /// <summary>How many Refreshes.</summary>
    int Refreshes { get; }

    /// <summary>How many Removes.</summary>
    int Removes { get; }
}

/// <summary>Changes that were made together, in order. One item may have several.</summary>
public interface IChangeSet<TObject, TKey> : IChangeSet, IEnumerable<Change<TObject, TKey>>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>How many Updates.</summary>
    int Updates { get; }
}

/// <inheritdoc cref="IChangeSet{TObject, TKey}"/>
public class ChangeSet<TObject, TKey> : List<Change<TObject, TKey>>, IChangeSet<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>An empty one.</summary>
    public ChangeSet()
    {
    }

    /// <summary>One of these changes.</summary>
    public ChangeSet(IEnumerable<Change<TObject, TKey>> collection)
        : base(collection)
    {
    }

    /// <inheritdoc/>
    public int Adds => Of(ChangeReason.Add);

    /// <inheritdoc/>
    public int Moves => Of(ChangeReason.Moved);

    /// <inheritdoc/>
    public int Refreshes => Of(ChangeReason.Refresh);

    /// <inheritdoc/>
    public int Removes => Of(ChangeReason.Remove);

    /// <inheritdoc/>
    public int Updates => Of(ChangeReason.Update);

    private int Of(ChangeReason reason) => this.Count(change => change.Reason == reason);
}
