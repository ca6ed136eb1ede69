namespace Qfx.Guest.Copying;

/// <summary>One file, folder or link that is to be sent.</summary>
/// <param name="Source">Where it is here.</param>
/// <param name="Target">Where it goes, from the top of the pendrive; parts joined by slashes.</param>
/// <param name="Status">What it was when it was looked at.</param>
/// <param name="LinkTo">Where a link leads, as it stands in it.</param>
internal sealed record Item(string Source, string Target, FileStatus Status, string? LinkTo = null)
{
    /// <summary>Bytes of contents.</summary>
    public long Bytes => Status.Kind == FileKind.File ? Status.Size : 0;

    /// <summary>The last part of its name.</summary>
    public string Name => Target[(Target.LastIndexOf('/') + 1)..];

    /// <summary>The folder it goes into; empty at the top.</summary>
    public string Folder => Target.LastIndexOf('/') is > 0 and var slash ? Target[..slash] : "";
}

/// <summary>Something that cannot be sent, and why.</summary>
internal sealed record Obstacle(string Path, string Why);

/// <summary>All that is to be sent, looked at before anything is asked.</summary>
/// <param name="Items">Folders before what is in them.</param>
/// <param name="Obstacles">What cannot be sent; it is not among the items.</param>
internal sealed record Plan(IReadOnlyList<Item> Items, IReadOnlyList<Obstacle> Obstacles)
{
    /// <summary>Bytes of contents in all.</summary>
    public long Bytes => Items.Sum(item => item.Bytes);

    public int Files => Items.Count(item => item.Status.Kind == FileKind.File);
}
