namespace Qfx.Guest.Copying;

/// <summary>What one kind of pendrive can hold.</summary>
internal interface ITargetRules
{
    /// <summary>Why this cannot be on it, as the end of a sentence that begins with its name; null if it can.</summary>
    string? Fault(Item item);

    /// <summary>Whether two names in a folder are one name there.</summary>
    StringComparer Names { get; }

    /// <summary>Why a folder with these names in it cannot be on it; null if it can.</summary>
    /// <param name="atTop">Whether it is the top of the pendrive.</param>
    /// <param name="names">The last parts.</param>
    string? FolderFault(bool atTop, IReadOnlyList<string> names);

    /// <summary>How large a pendrive these need, in MiB; at least <see cref="SmallestMiB"/>.</summary>
    int MiB(IReadOnlyList<Item> items);

    /// <summary>What the daemon makes at the least, as it is configured usually.</summary>
    const int SmallestMiB = 40;
}
