using Qfx.Streams.Domains;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Exchange;

/// <summary>One decision, for the journal: who, whom, what, which line, who answered, how long it took.</summary>
/// <param name="Service">What was asked for.</param>
/// <param name="From">Who asked.</param>
/// <param name="Name">Its name.</param>
/// <param name="To">Whom for, if anybody was named or chosen.</param>
/// <param name="Allowed">What it came to.</param>
/// <param name="Code">Why, in a word: the guest may have been told less.</param>
public sealed record Decided(PolicyService Service, DomainIdentity From, VmName Name, VmName? To, bool Allowed, StatusCode Code)
{
    /// <summary>The pendrive.</summary>
    public PendriveId? Pendrive { get; init; }

    /// <summary>The line that decided, or had the person asked: <c>90-default.policy:7</c>; a dash where none fits.</summary>
    public string Rule { get; init; } = "-";

    /// <summary>Who decided: <c>policy</c>, <c>time</c>, <c>quiet</c>, <c>end</c> (of a VM, or a cancel), or the person, as the edge calls them.</summary>
    public string By { get; init; } = "policy";

    /// <summary>From the request to the decision.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Bytes written on the pendrive when the question was shown, where that is known.</summary>
    public long? Written { get; init; }

    /// <summary>In words.</summary>
    public string Why { get; init; } = "";
}
