using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Which pendrives concern which domain: what is asked about one VM does not cost what all others have.</content>
public sealed partial record ExchangeState
{
    /// <summary>An index of <see cref="Pendrives"/>, kept by <see cref="Put(Pendrive)"/> and <see cref="Without(PendriveId)"/>; holds nobody whom none concerns.</summary>
    public ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>> Concerns { get; private init; } =
        ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>>.Empty;

    /// <summary>The pendrives that a domain asked for, has, or was approved to give or to get.</summary>
    public IEnumerable<Pendrive> Concerning(DomainIdentity domain) =>
        Concerns.TryGetValue(domain, out var ids) ? ids.Select(id => Pendrives[id]) : [];

    /// <summary>The pendrives that a domain asked for.</summary>
    public IEnumerable<Pendrive> SentBy(DomainIdentity sender) => Concerning(sender).Where(p => p.Sender == sender);

    private static ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>> Concern(
        ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>> index, Pendrive pendrive)
    {
        foreach (var party in pendrive.Parties)
            index = index.SetItem(party, index.GetValueOrDefault(party, []).Add(pendrive.Id));
        return index;
    }

    private static ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>> Unconcern(
        ImmutableDictionary<DomainIdentity, ImmutableHashSet<PendriveId>> index, Pendrive pendrive)
    {
        foreach (var party in pendrive.Parties)
        {
            var left = index[party].Remove(pendrive.Id);
            index = left.IsEmpty ? index.Remove(party) : index.SetItem(party, left);
        }

        return index;
    }
}
