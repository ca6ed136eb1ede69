using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Who decides, and what is kept of the decisions.</content>
public sealed partial record ExchangeState
{
    /// <summary>How long the rules have run, by a clock that nobody can set.</summary>
    public TimeSpan Now { get; init; }

    /// <summary>What the files say now.</summary>
    public Policy.Policy Policy { get; init; }

    /// <summary>When the person refused a VM of this name, within the last minute; by name, so that a reboot clears nothing.</summary>
    public ImmutableDictionary<VmName, ImmutableArray<TimeSpan>> Refusals { get; init; } = ImmutableDictionary<VmName, ImmutableArray<TimeSpan>>.Empty;

    /// <summary>Until when a VM of this name is not asked about.</summary>
    public ImmutableDictionary<VmName, TimeSpan> Quiet { get; init; } = ImmutableDictionary<VmName, TimeSpan>.Empty;

    /// <summary>When the person was told something about a VM of this name, within the last minute.</summary>
    public ImmutableDictionary<VmName, ImmutableArray<TimeSpan>> Told { get; init; } = ImmutableDictionary<VmName, ImmutableArray<TimeSpan>>.Empty;
}
