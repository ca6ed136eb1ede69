namespace Qfx.Streams.Exchange;

/// <content>The administrator's orders.</content>
public abstract partial record ExchangeEvent
{
    /// <summary>What is under way about a pendrive that its sender has, or had last, is to end: as if the sender had said <c>cancel</c>.</summary>
    public sealed record CancelOrdered(PendriveId Id) : ExchangeEvent;

    /// <summary>A receiver is to lose a pendrive: as if it had said <c>umount</c>, and the sender is told that it was taken away.</summary>
    public sealed record DetachOrdered(PendriveId Id) : ExchangeEvent;
}
