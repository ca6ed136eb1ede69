namespace DynamicData;

/// <summary>Changes that were made together, in order.</summary>
public interface IChangeSet<TObject, TKey> : IEnumerable<Change<TObject, TKey>>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>How many.</summary>
    int Count { get; }
}

internal sealed class ChangeSet<TObject, TKey> : List<Change<TObject, TKey>>, IChangeSet<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    public ChangeSet()
    {
    }

    public ChangeSet(IEnumerable<Change<TObject, TKey>> changes)
        : base(changes)
    {
    }
}
