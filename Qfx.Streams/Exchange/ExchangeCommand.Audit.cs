namespace Qfx.Streams.Exchange;

/// <content>The line that a decision leaves.</content>
public abstract partial record ExchangeCommand
{
    /// <summary>One line for the journal about a decision, with a field for each part.</summary>
    public sealed record Audit(Decided What) : Effect(new Lane.Journal(), null)
    {
        /// <inheritdoc/>
        public override ExchangeEvent? Fail(Failure failure) => null;
    }
}
