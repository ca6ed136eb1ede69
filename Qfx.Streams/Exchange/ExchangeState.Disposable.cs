using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Disposable VMs.</content>
public sealed partial record ExchangeState
{
    /// <summary>The disposable VMs that exist, are being made, or have left something.</summary>
    public ImmutableSortedDictionary<long, Dvm> Dvms { get; init; } = ImmutableSortedDictionary<long, Dvm>.Empty;

    /// <summary>Who has asked for one within the last minute; by a number of their own.</summary>
    public ImmutableDictionary<long, DomainIdentity> Openings { get; init; } = ImmutableDictionary<long, DomainIdentity>.Empty;

    /// <summary>Whether what an earlier run left is known: only then any are made ahead.</summary>
    public bool Recovered { get; init; }

    /// <summary>Domains that an earlier run knew and that have not been seen since.</summary>
    public ImmutableHashSet<DomainIdentity> Unseen { get; init; } = [];

    /// <summary>One of them.</summary>
    public Dvm? Find(DvmId id) => Dvms.GetValueOrDefault(id.Value);

    /// <summary>The disposable VM that a domain is; null for any other domain.</summary>
    public Dvm? DvmOf(DomainIdentity domain) => Dvms.IsEmpty ? null : Dvms.Values.FirstOrDefault(d => d.Vm?.Identity == domain);

    /// <summary>The disposable VM that a pendrive is on its way to, or at; null where its receiver is none, or has got it otherwise.</summary>
    public Dvm? OpenedBy(PendriveId id, Party receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        return DvmOf(receiver.Identity) is { For.Pendrive: var opened } dvm && opened == id ? dvm : null;
    }

    /// <summary>The disposable VM whose reply a pendrive is.</summary>
    public Dvm? RepliedBy(PendriveId id) => Dvms.IsEmpty ? null : Dvms.Values.FirstOrDefault(d => d.Reply == id);

    /// <summary>With one new or changed.</summary>
    public ExchangeState Put(Dvm dvm)
    {
        ArgumentNullException.ThrowIfNull(dvm);
        return this with { Dvms = Dvms.SetItem(dvm.Id.Value, dvm) };
    }

    /// <summary>Without one.</summary>
    public ExchangeState Without(DvmId id) => this with { Dvms = Dvms.Remove(id.Value) };
}
