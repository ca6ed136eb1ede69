using DynamicData.Kernel;

namespace DynamicData;

/// <summary>One change of one item.</summary>
public readonly struct Change<TObject, TKey> : IEquatable<Change<TObject, TKey>>
    where TObject : notnull
    where TKey : notnull
{
    /// <summary>A change with nothing before it.</summary>
    /// <param name="reason">Anything but <see cref="ChangeReason.Update"/>.</param>
    /// <param name="key">The item's key.</param>
    /// <param name="current">The item.</param>
    /// <param name="index">Its place in a sorted set; -1 where there is none.</param>
    /// <exception cref="ArgumentException">An Update without what was there before.</exception>
    public Change(ChangeReason reason, TKey key, TObject current, int index = -1)
        : this(reason, key, current, Optional<TObject>.None, index)
    {
    }

    /// <summary>A change of what was there before.</summary>
    /// <exception cref="ArgumentException">An Add of what was there before, or an Update of what was not.</exception>
    public Change(ChangeReason reason, TKey key, TObject current, in Optional<TObject> previous, int currentIndex = -1, int previousIndex = -1)
    {
        if (reason == ChangeReason.Add && previous.HasValue) throw new ArgumentException("an Add has no previous item", nameof(previous));
        if (reason == ChangeReason.Update && !previous.HasValue) throw new ArgumentException("an Update has a previous item", nameof(previous));
        Reason = reason;
        Key = key;
        Current = current;
        Previous = previous;
        CurrentIndex = currentIndex;
        PreviousIndex = previousIndex;
    }

    /// <summary>The item; of a Remove the one that went.</summary>
    public TObject Current { get; }

    /// <summary>-1: nothing here sorts.</summary>
    public int CurrentIndex { get; }

    /// <summary>Its key.</summary>
    public TKey Key { get; }

    /// <summary>Of an Update, what was there before; else none.</summary>
    public Optional<TObject> Previous { get; }

    /// <summary>-1: nothing here sorts.</summary>
    public int PreviousIndex { get; }

    /// <summary>What happened.</summary>
    public ChangeReason Reason { get; }

    /// <summary>Everything the same.</summary>
    public static bool operator ==(in Change<TObject, TKey> left, in Change<TObject, TKey> right) => left.Equals(right);

    /// <summary>Something different.</summary>
    public static bool operator !=(in Change<TObject, TKey> left, in Change<TObject, TKey> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Change<TObject, TKey> other) => Everything.Equals(other.Everything);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Change<TObject, TKey> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Everything.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Reason}, Key: {Key}, Current: {Current}, Previous: {Previous}";

    private (ChangeReason, TKey, TObject, Optional<TObject>, int, int) Everything =>
        (Reason, Key, Current, Previous, CurrentIndex, PreviousIndex);
}
