namespace Qfx.Streams.Exchange;

/// <content>What the administrator has set.</content>
public abstract partial record ExchangeEvent
{
    /// <summary>From now on this one decides: its files have changed, or what is known of VMs has.</summary>
    public sealed record PolicyChanged(Policy.Policy Policy) : ExchangeEvent;

    /// <summary>From now on these settings hold; what has begun keeps the time that it was given.</summary>
    public sealed record SettingsChanged(ExchangeSettings Settings) : ExchangeEvent;
}
