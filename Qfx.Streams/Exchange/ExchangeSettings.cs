namespace Qfx.Streams.Exchange;

/// <summary>What the administrator can set of the rules.</summary>
public sealed record ExchangeSettings
{
    /// <summary>MiB of a pendrive that was asked for without a size.</summary>
    public int SizeMiB { get; init; } = 1024;

    /// <summary>The smallest one that can be asked for, in MiB.</summary>
    public int MinMiB { get; init; } = 40;

    /// <summary>The largest one that can be asked for, in MiB.</summary>
    public int MaxMiB { get; init; } = 16 * 1024;

    /// <summary>Whether a guest may learn that another VM exists, is stopped or is busy.</summary>
    public bool RevealNames { get; init; }

    /// <summary>What decides until the first <see cref="ExchangeEvent.PolicyChanged"/>.</summary>
    public Policy.Policy Policy { get; init; } = Qfx.Streams.Policy.Policy.None("none was read");

    /// <summary>So many refusals of a VM in a minute, and it is not asked about for <see cref="QuietTime"/>.</summary>
    public int RefusalsToQuiet { get; init; } = 3;

    /// <summary>How long.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So often in a minute the person is told something about a VM.</summary>
    public int NoticesPerMinute { get; init; } = 5;

    /// <summary>Bytes that may have been written between the question and the detach; of more the person is asked again.</summary>
    public long MoreThanSeen { get; init; } = 1 << 20;

    /// <summary>How long a question stays on the screen.</summary>
    public TimeSpan QuestionLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a question may wait to be shown.</summary>
    public TimeSpan UnshownLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a pendrive waits for a busy receiver.</summary>
    public TimeSpan WaitingLimit { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a VM may take to let go of a disk.</summary>
    public TimeSpan DetachLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long any other effect may take.</summary>
    public TimeSpan EffectLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Identical requests within this time, of which the first is undecided, are one.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Requests of one VM that are taken in a second, after three in a row.</summary>
    public int RequestsPerSecond { get; init; } = 20;

    /// <summary>Lines about what one VM was refused, in a minute; the rest is counted.</summary>
    public int RefusalsWrittenPerMinute { get; init; } = 60;

    /// <summary>Pendrives that one VM has made and that are not deleted yet, whoever has them.</summary>
    public int PendrivesPerVm { get; init; } = 8;

    /// <summary>Pendrives that may wait for one receiver.</summary>
    public int WaitingPerReceiver { get; init; } = 8;

    /// <summary>Disposable VMs.</summary>
    public DvmSettings Disposables { get; init; } = new();
}
