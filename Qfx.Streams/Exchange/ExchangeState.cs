using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>A domain as the rules see it.</summary>
/// <param name="Identity">Which one.</param>
/// <param name="Taken">Requests taken from it so far.</param>
public sealed record Vm(DomainIdentity Identity, int Taken)
{
    /// <summary>Its number.</summary>
    public Domid Domid => Identity.Domid;

    /// <summary>What lay in its keys when it was first seen is known.</summary>
    public bool IsPrepared { get; init; }

    /// <summary>How many lines the journal has about what it was refused.</summary>
    public RefusalLines Refusals { get; init; }
}

/// <summary>All that the rules know: immutable, and empty when there is no VM.</summary>
public sealed partial record ExchangeState
{
    /// <summary>Nothing known.</summary>
    public ExchangeState(ExchangeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Settings = settings;
        Policy = settings.Policy;
    }

    /// <summary>What the administrator has set.</summary>
    public ExchangeSettings Settings { get; init; }

    /// <summary>The domains that run.</summary>
    public ImmutableDictionary<Domid, Vm> Vms { get; init; } = ImmutableDictionary<Domid, Vm>.Empty;

    /// <summary>What each name means. A name and a domain may come in either order.</summary>
    public ImmutableDictionary<VmName, Domid> Names { get; private init; } = ImmutableDictionary<VmName, Domid>.Empty;

    /// <summary>The same the other way round; a domain that is not in here is neither sender nor receiver.</summary>
    public ImmutableDictionary<Domid, VmName> NamesOf { get; private init; } = ImmutableDictionary<Domid, VmName>.Empty;

    /// <summary>The pendrives that exist.</summary>
    public ImmutableDictionary<PendriveId, Pendrive> Pendrives { get; init; } = ImmutableDictionary<PendriveId, Pendrive>.Empty;

    /// <summary>Who fills which slot: an index of <see cref="Pendrives"/>, kept by <see cref="Put(Pendrive)"/> and <see cref="Without(PendriveId)"/>.</summary>
    public ImmutableDictionary<Slot, PendriveId> Slots { get; private init; } = ImmutableDictionary<Slot, PendriveId>.Empty;

    /// <summary>Which pendrive an open question is about: an index of <see cref="Pendrives"/>, kept likewise.</summary>
    public ImmutableDictionary<QuestionId, PendriveId> Questions { get; private init; } = ImmutableDictionary<QuestionId, PendriveId>.Empty;

    /// <summary>The last number given to a pendrive, a question or a place in a queue.</summary>
    public long LastNumber { get; init; }

    /// <summary>The domain, if it still lives the same life.</summary>
    public Vm? Find(DomainIdentity identity) =>
        Vms.TryGetValue(identity.Domid, out var vm) && vm.Identity == identity ? vm : null;

    /// <summary>The domain that a name means.</summary>
    public Vm? Find(VmName name) => Names.TryGetValue(name, out var domid) ? Vms.GetValueOrDefault(domid) : null;

    /// <summary>The domain under the name that means it alone; null while none does.</summary>
    public Party? PartyOf(DomainIdentity identity) =>
        NamesOf.TryGetValue(identity.Domid, out var name) ? new(identity, name) : null;

    /// <summary>With a name that means a domain from now on.</summary>
    public ExchangeState Bind(VmName name, Domid domid)
    {
        var free = Free(name);
        return free with
        {
            Names = (free.NamesOf.TryGetValue(domid, out var old) ? free.Names.Remove(old) : free.Names).Add(name, domid),
            NamesOf = free.NamesOf.SetItem(domid, name),
        };
    }

    /// <summary>With a name that means nobody.</summary>
    public ExchangeState Free(VmName name) => Names.TryGetValue(name, out var domid)
        ? this with { Names = Names.Remove(name), NamesOf = NamesOf.Remove(domid) } : this;

    /// <summary>The pendrive in a slot.</summary>
    public Pendrive? In(Slot slot) => Slots.TryGetValue(slot, out var id) ? Pendrives[id] : null;

    /// <summary>Whether the name of a party still means that party.</summary>
    public bool Holds(Party party)
    {
        ArgumentNullException.ThrowIfNull(party);
        return Names.TryGetValue(party.Name, out var domid) && domid == party.Domid && Find(party.Identity) is not null;
    }

    /// <summary>The pendrives that wait for a receiver, first come first.</summary>
    public IEnumerable<Pendrive> WaitingFor(DomainIdentity receiver) => Concerning(receiver)
        .Where(p => p.Stage is Stage.Waiting w && w.To.Identity == receiver)
        .OrderBy(p => ((Stage.Waiting)p.Stage).Place);

    /// <summary>With a pendrive new or changed.</summary>
    /// <exception cref="InvalidOperationException">Its slot is filled by another one: a fault of the rules.</exception>
    public ExchangeState Put(Pendrive pendrive)
    {
        ArgumentNullException.ThrowIfNull(pendrive);
        var without = Without(pendrive.Id);
        if (pendrive.Slot is { } taken && without.Slots.TryGetValue(taken, out var other))
            throw new InvalidOperationException($"{pendrive.Id} cannot fill a slot of domain {taken.Vm} that {other} fills.");
        return without with
        {
            Pendrives = without.Pendrives.Add(pendrive.Id, pendrive),
            Slots = pendrive.Slot is { } slot ? without.Slots.Add(slot, pendrive.Id) : without.Slots,
            Questions = pendrive.Stage is Stage.Asking asking ? without.Questions.Add(asking.Question, pendrive.Id) : without.Questions,
            Concerns = Concern(without.Concerns, pendrive),
        };
    }

    /// <summary>Without a pendrive.</summary>
    public ExchangeState Without(PendriveId id)
    {
        if (!Pendrives.TryGetValue(id, out var was)) return this;
        return this with
        {
            Pendrives = Pendrives.Remove(id),
            Slots = was.Slot is { } slot ? Slots.Remove(slot) : Slots,
            Questions = was.Stage is Stage.Asking asking ? Questions.Remove(asking.Question) : Questions,
            Concerns = Unconcern(Concerns, was),
        };
    }
}
