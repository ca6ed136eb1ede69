namespace DynamicData.Kernel;

/// <summary>A value, or none.</summary>
public readonly record struct Optional<T>
    where T : notnull
{
    private readonly T? value;

    internal Optional(T value)
    {
        this.value = value;
        HasValue = true;
    }

    /// <summary>No value.</summary>
    public static Optional<T> None => default;

    /// <summary>Whether there is one.</summary>
    public bool HasValue { get; }

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => HasValue ? value! : throw new InvalidOperationException("Optional<T> has no value");
}
