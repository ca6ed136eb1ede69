using DynamicData.Kernel;

namespace DynamicData;

/// <summary>One change of one item.</summary>
public readonly record struct Change<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>A change with nothing before it.</summary>
    public Change(ChangeReason reason, TKey key, TObject current)
        : this(reason, key, current, Optional<TObject>.None)
    {
    }

    /// <summary>A change of what was there before.</summary>
    public Change(ChangeReason reason, TKey key, TObject current, Optional<TObject> previous)
    {
        Reason = reason;
        Key = key;
        Current = current;
        Previous = previous;
    }

    /// <summary>The item; of a Remove the one that went.</summary>
    public TObject Current { get; }

    /// <summary>Its key.</summary>
    public TKey Key { get; }

    /// <summary>Of an Update, what was there before.</summary>
    public Optional<TObject> Previous { get; }

    /// <summary>What happened.</summary>
    public ChangeReason Reason { get; }
}
