namespace Qfx.Streams.Exchange;

/// <content>The policy.</content>
public abstract partial record ExchangeEvent
{
    /// <summary>From now on this one decides: its files have changed, or what is known of VMs has.</summary>
    public sealed record PolicyChanged(Policy.Policy Policy) : ExchangeEvent;
}
