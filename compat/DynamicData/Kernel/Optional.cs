namespace DynamicData.Kernel;

/// <summary>A value, or none.</summary>
public readonly struct Optional<T> : IEquatable<Optional<T>>
    where T : notnull
{
    private readonly T? value;

    private Optional(T? value)
    {
        this.value = value;
        HasValue = value is not null;
    }

    /// <summary>No value.</summary>
    public static Optional<T> None => default;

    /// <summary>Whether there is one.</summary>
    public bool HasValue { get; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => HasValue ? value! : throw new InvalidOperationException($"no {typeof(T).Name} is there");

    /// <summary>The value; of null, none.</summary>
    public static implicit operator Optional<T>(T? value) => ToOptional(value);

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static explicit operator T?(in Optional<T> value) => FromOptional(value);

    /// <summary>Both none, or the same value.</summary>
    public static bool operator ==(in Optional<T> left, in Optional<T> right) => left.Equals(right);

    /// <summary>Neither both none nor the same value.</summary>
    public static bool operator !=(in Optional<T> left, in Optional<T> right) => !left.Equals(right);

    /// <summary>The value; of null, none.</summary>
    public static Optional<T> Create(T? value) => new(value);

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static T? FromOptional(in Optional<T> value) => value.Value;

    /// <summary>The value; of null, none.</summary>
    public static Optional<T> ToOptional(T? value) => new(value);

    /// <inheritdoc/>
    public bool Equals(Optional<T> other) =>
        HasValue == other.HasValue && (!HasValue || EqualityComparer<T>.Default.Equals(value, other.value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Optional<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HasValue ? value!.GetHashCode() : 0;

    /// <inheritdoc/>
    public override string? ToString() => HasValue ? value!.ToString() : "<None>";
}

/// <summary>Makes optional values.</summary>
public static class Optional
{
    /// <summary>No value.</summary>
    public static Optional<T> None<T>()
        where T : notnull => Optional<T>.None;

    /// <summary>The value; of null, none.</summary>
    public static Optional<T> Some<T>(T? value)
        where T : notnull => Optional<T>.Create(value);
}
