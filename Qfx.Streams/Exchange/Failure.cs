using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>Why a command did not succeed.</summary>
/// <param name="Code">As a guest would be told, if it may know.</param>
/// <param name="Reason">For the journal: what went wrong, and what can be done.</param>
public sealed record Failure(StatusCode Code, string Reason)
{
    /// <summary>The command took longer than it may.</summary>
    public static readonly Failure TimedOut = new(StatusCode.TimedOut, "it took too long");

    /// <summary>The command was called off by a rule.</summary>
    public static readonly Failure Interrupted = new(StatusCode.Failed, "it was called off");
}
