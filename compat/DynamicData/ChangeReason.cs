namespace DynamicData;

/// <summary>What happened to an item of a cache.</summary>
public enum ChangeReason
{
    /// <summary>It was not there before.</summary>
    Add = 0,

    /// <summary>Another one is there now under its key.</summary>
    Update = 1,

    /// <summary>It is there no more.</summary>
    Remove = 2,

    /// <summary>It is the same one; whoever derives something from it looks again.</summary>
    Refresh = 3,

    /// <summary>It stands elsewhere in a sorted set. Nothing here sorts, so nothing here says so.</summary>
    Moved = 4,
}
