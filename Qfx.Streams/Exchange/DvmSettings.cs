namespace Qfx.Streams.Exchange;

/// <summary>What the administrator can set about disposable VMs.</summary>
public sealed record DvmSettings
{
    /// <summary>Whether VMs may have files opened in disposable VMs at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Those that one VM may have at once.</summary>
    public int PerRequester { get; init; } = 2;

    /// <summary>Those that all VMs may have together, those that are kept included.</summary>
    public int InAll { get; init; } = 8;

    /// <summary>Those that one VM may ask for within a minute.</summary>
    public int PerMinute { get; init; } = 10;

    /// <summary>Those that are restored ahead and kept paused.</summary>
    public int Ready { get; init; }

    /// <summary>One that has done its work is kept, for debugging.</summary>
    public bool Keep { get; init; }

    /// <summary>How long the savefile's update may take.</summary>
    public TimeSpan UpdateLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a restore may take.</summary>
    public TimeSpan RestoreLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a destroy may take.</summary>
    public TimeSpan DestroyLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After this time a clean-up, also of what a dead VM had, or a delivery that failed is tried again, and the ready ones are looked after.</summary>
    public TimeSpan Again { get; init; } = TimeSpan.FromMinutes(1);
}
