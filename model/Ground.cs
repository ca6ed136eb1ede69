using System.Collections.Immutable;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Model;

/// <summary>A domain as it really is, whether the rules know it or not.</summary>
/// <param name="Kin">Which VM of the model it is a life of: an index, or <see cref="Ground.Disposables"/> and above.</param>
/// <param name="Name">Its name.</param>
/// <param name="Appeared">The rules have seen it.</param>
/// <param name="Named">It bears its name; else another one bears it, too.</param>
/// <param name="Dead">It has ended, and the rules are still to hear of it.</param>
public sealed record Outside(int Kin, VmName Name, bool Appeared, bool Named, bool Dead);

/// <summary>A question that was put: about which pendrive, and who may be answered with.</summary>
public sealed record Put(PendriveId Pendrive, ImmutableArray<Party> Candidates);

/// <summary>What is true outside of the rules, kept without asking them: the disks, the domains, who was approved, who was answered.</summary>
/// <remarks>The invariants are about this, not about what the rules believe. A fault of an invariant is an <see cref="InvariantException"/>.</remarks>
public sealed record Ground
{
    /// <summary>The kin of the first disposable VM.</summary>
    public const int Disposables = 8;

    /// <summary>Where each image is plugged.</summary>
    public ImmutableSortedDictionary<long, ImmutableArray<Slot>> Vbds { get; init; } = ImmutableSortedDictionary<long, ImmutableArray<Slot>>.Empty;

    /// <summary>The images that lie in the spool.</summary>
    public ImmutableSortedSet<long> Images { get; init; } = [];

    /// <summary>Those whose deletion failed: the administrator was told to remove them by hand.</summary>
    public ImmutableSortedSet<long> ByHand { get; init; } = [];

    /// <summary>The domains that there are.</summary>
    public ImmutableDictionary<DomainIdentity, Outside> Domains { get; init; } = ImmutableDictionary<DomainIdentity, Outside>.Empty;

    /// <summary>Who asked for a pendrive.</summary>
    public ImmutableSortedDictionary<long, DomainIdentity> Creators { get; init; } = ImmutableSortedDictionary<long, DomainIdentity>.Empty;

    /// <summary>Who may get it.</summary>
    public ImmutableSortedDictionary<long, DomainIdentity> Approved { get; init; } = ImmutableSortedDictionary<long, DomainIdentity>.Empty;

    /// <summary>The questions that may still be answered.</summary>
    public ImmutableSortedDictionary<long, Put> Asked { get; init; } = ImmutableSortedDictionary<long, Put>.Empty;

    /// <summary>For whom a disposable VM was made, by its life; null once its reply has been at its requester.</summary>
    public ImmutableDictionary<DomainIdentity, DomainIdentity?> Requesters { get; init; } = ImmutableDictionary<DomainIdentity, DomainIdentity?>.Empty;

    /// <summary>The names in the VM database.</summary>
    public ImmutableSortedSet<string> Entries { get; init; } = [];

    /// <summary>What is kept of disposable VMs on disk.</summary>
    public ImmutableDictionary<DomainIdentity, DvmRecord> Records { get; init; } = ImmutableDictionary<DomainIdentity, DvmRecord>.Empty;

    /// <summary>The VM that the last restore has reported and that has no record yet. Only a restart reads it.</summary>
    public Party? Reported { get; init; }

    /// <summary>Who may have an image, as it was written down before the image left its sender. Only a restart reads it.</summary>
    public ImmutableSortedDictionary<long, Approval> Noted { get; init; } = ImmutableSortedDictionary<long, Approval>.Empty;

    /// <summary>The images on which more was written than the person saw.</summary>
    public ImmutableSortedSet<long> Full { get; init; } = [];

    /// <summary>The newest status of each domain.</summary>
    public ImmutableDictionary<DomainIdentity, (int N, bool Open)> Statuses { get; init; } = ImmutableDictionary<DomainIdentity, (int N, bool Open)>.Empty;

    /// <summary>The number of the last domain.</summary>
    public int LastDomid { get; init; }

    /// <summary>Whether a domain runs.</summary>
    public bool Runs(DomainIdentity domain) => Domains.TryGetValue(domain, out var outside) && !outside.Dead;

    /// <summary>Which image is plugged there.</summary>
    public long? In(Slot slot)
    {
        foreach (var (image, slots) in Vbds)
        {
            if (slots.Contains(slot)) return image;
        }

        return null;
    }

    /// <summary>It is plugged.</summary>
    public Ground Plug(PendriveId id, Slot at)
    {
        var slots = Vbds.GetValueOrDefault(id.Value, []);
        if (!slots.IsEmpty) throw new InvariantException($"{id} is plugged into domain {at.Vm} while it is at domain {slots[0].Vm}");
        return this with { Vbds = Vbds.SetItem(id.Value, [at]) };
    }

    /// <summary>It is unplugged.</summary>
    public Ground Unplug(PendriveId id, Slot at)
    {
        var left = Vbds.GetValueOrDefault(id.Value, []).Remove(at);
        return this with { Vbds = left.IsEmpty ? Vbds.Remove(id.Value) : Vbds.SetItem(id.Value, left) };
    }

    /// <summary>A new domain.</summary>
    public (Ground Ground, DomainIdentity Domain) Create(int kin, VmName name, bool appeared)
    {
        var domain = new DomainIdentity(new Domid(LastDomid + 1), kin.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return (this with { LastDomid = LastDomid + 1, Domains = Domains.Add(domain, new(kin, name, appeared, Named: true, Dead: false)) }, domain);
    }

    /// <summary>What is left when the daemon is killed, and another one has begun: before anything else it has looked at the disks and the spool, and swept what belongs to nobody.</summary>
    /// <returns>And what it finds.</returns>
    public (Ground Ground, ExchangeEvent.Recovered Found) Restart()
    {
        var records = Records.Values.OrderBy(r => r.Vm.Domid.Value)
            .Select(r => r.Reply is { } reply && Images.Contains(reply.Value) ? r : r with { Reply = null }).ToImmutableArray();
        var replies = records.Where(r => r.Reply is not null).ToDictionary(r => r.Reply!.Value.Value);
        var found = Images.Except(ByHand).Where(id => !replies.ContainsKey(id) && Creators.ContainsKey(id)).Select(Find).OfType<FoundPendrive>().ToImmutableArray();
        var kept = found.Select(f => f.Id.Value).Concat(replies.Keys).ToImmutableHashSet();
        var swept = this with
        {
            Vbds = Vbds.RemoveRange(Vbds.Keys.Where(id => found.All(f => f.Id.Value != id || f.At is null))),
            Images = Images.Intersect(kept),
            ByHand = [],
            Creators = Creators.RemoveRange(Creators.Keys.Where(id => !kept.Contains(id))).SetItems(replies.Select(r => KeyValuePair.Create(r.Key, r.Value.Vm.Identity))),
            Approved = Approved.RemoveRange(Approved.Keys.Where(id => !kept.Contains(id) || replies.ContainsKey(id))),
            Noted = Noted.RemoveRange(Noted.Keys.Where(id => !kept.Contains(id))),
            Full = Full.Intersect(kept),
            Asked = Asked.Clear(),
            Domains = Domains.RemoveRange(Domains.Where(d => d.Value.Dead).Select(d => d.Key)),
            Statuses = Statuses.RemoveRange(Statuses.Keys.Where(d => !Runs(d))),
        };
        foreach (var reply in replies.Values)    // what its requester has not taken is to come again
        {
            if (reply.Allowed is { } allowed) swept = swept with { Requesters = swept.Requesters.SetItem(reply.Vm.Identity, allowed.Requester.Identity) };
        }

        if (Reported is { } reported && Runs(reported.Identity)) records = records.Add(new(reported, null, Used: false, Reply: null));
        return (swept, new(records) { Pendrives = found });
    }

    /// <summary>A pendrive that is gone on with; null for one that is swept.</summary>
    private FoundPendrive? Find(long id)
    {
        var noted = Noted.GetValueOrDefault(id);
        var found = new FoundPendrive(new(id), Creators[id], Raw: true, null, noted, Full.Contains(id) ? 1L << 30 : 0);
        if (!Vbds.TryGetValue(id, out var slots) || !Runs(slots[0].Vm)) return noted is null ? null : found;
        var stays = slots[0] == new Slot(found.Sender, Vdev.Xvdg) || (noted is not null && slots[0] == new Slot(noted.To.Identity, Vdev.Xvdh));
        return stays ? found with { At = slots[0] } : noted is null ? null : found;
    }

    /// <summary>What a turn of the rules makes true, after it has been held against the invariants.</summary>
    /// <param name="before">The rules' state before it.</param>
    /// <param name="step">The turn.</param>
    public Ground After(ExchangeState before, ExchangeStep step)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(step);
        var ground = step.Cause switch
        {
            ExchangeEvent.Answered e => OnAnswered(e),
            ExchangeEvent.Restored e when before.Find(e.Id)?.For is { } request && step.State.Find(e.Id) is not null => this with
            {
                Requesters = Requesters.SetItem(e.Vm.Identity, request.Requester.Identity),
                Approved = Creators.GetValueOrDefault(request.Pendrive.Value) == request.Requester.Identity ? Approved.SetItem(request.Pendrive.Value, e.Vm.Identity) : Approved,
            },
            ExchangeEvent.Attached e when step.State.Pendrives.GetValueOrDefault(e.Id)?.Stage is Stage.AtReceiver => OnDelivered(e.Id),
            _ => this,
        };
        foreach (var command in step.Commands) ground = ground.Hear(step, command);
        return ground.Forget(before, step.State);
    }

    private Ground OnAnswered(ExchangeEvent.Answered e)
    {
        if (!Asked.TryGetValue(e.Question.Value, out var put)) return this;
        var chosen = put.Candidates.FirstOrDefault(c => e.Chosen is null || c.Name == e.Chosen);
        return this with
        {
            Asked = Asked.Remove(e.Question.Value),
            Approved = e.Yes && chosen is not null ? Approved.SetItem(put.Pendrive.Value, chosen.Identity) : Approved.Remove(put.Pendrive.Value),
        };
    }

    private Ground OnDelivered(PendriveId id)
    {
        if (!Creators.TryGetValue(id.Value, out var sender) || !Requesters.TryGetValue(sender, out var requester)) return this;
        if (requester is null) throw new InvariantException($"{id} is a second reply of domain {sender}");
        return this with { Requesters = Requesters.SetItem(sender, null) };
    }

    private Ground Hear(ExchangeStep step, ExchangeCommand command)
    {
        switch (command)
        {
            case ExchangeCommand.Make make when step.Cause is ExchangeEvent.Qpen { What: QpenEvent.Taken taken }:
                return this with { Creators = Creators.Add(make.Id.Value, taken.From) };
            case ExchangeCommand.Make make:
                throw new InvariantException($"{make.Id} is made, and nobody asked for it");
            case ExchangeCommand.Ask { Service: Qfx.Streams.Policy.PolicyService.Copy, Pendrive: { } id } ask:
                var names = ask.Choices.IsEmpty ? [ask.To] : ask.Choices;
                return this with { Asked = Asked.Add(ask.Question.Value, new(id, [.. names.Select(n => new Party(step.State.Find(n)!.Identity, n))])) };
            case ExchangeCommand.Attach attach:
                return CheckAttach(attach);
            case ExchangeCommand.Announce announce when !MayGet(announce.Id, announce.To):
                throw new InvariantException($"{announce.Id} is announced to domain {announce.To}, which was not approved");
            case ExchangeCommand.ForgetDvm forget:
                return this with { Records = Records.Remove(forget.Vm) };
            case ExchangeCommand.WriteStatus write:
                return this with { Statuses = Statuses.SetItem(write.To, (write.Status.N, write.Status.Code.IsOpen())) };
            default:
                return this;
        }
    }

    private Ground CheckAttach(ExchangeCommand.Attach attach)
    {
        if (Vbds.TryGetValue(attach.Id.Value, out var slots))
            throw new InvariantException($"{attach.Id} is to be plugged into domain {attach.At.Vm} while it is at domain {slots[0].Vm}");
        var allowed = attach.At.Vdev == Vdev.Xvdg ? Creators.GetValueOrDefault(attach.Id.Value) == attach.At.Vm : MayGet(attach.Id, attach.At.Vm);
        return allowed ? this : throw new InvariantException($"{attach.Id} is to be plugged into {attach.At.Vdev.Name} of domain {attach.At.Vm}, which was not approved");
    }

    /// <summary>By the person's word, or because it is a reply to it.</summary>
    private bool MayGet(PendriveId id, DomainIdentity receiver) =>
        Creators.TryGetValue(id.Value, out var sender) && Requesters.TryGetValue(sender, out var requester)
            ? requester == receiver
            : Approved.TryGetValue(id.Value, out var approved) && approved == receiver;

    /// <summary>What can be asked for no more: kept as small as can be, so that alike states are the same.</summary>
    private Ground Forget(ExchangeState before, ExchangeState after)
    {
        var ground = this;
        if (!ReferenceEquals(before.Pendrives, after.Pendrives))
        {
            foreach (var id in before.Pendrives.Keys)
            {
                if (after.Pendrives.ContainsKey(id)) continue;
                ground = ground with { Creators = ground.Creators.Remove(id.Value), Approved = ground.Approved.Remove(id.Value), Noted = ground.Noted.Remove(id.Value), Full = ground.Full.Remove(id.Value) };
            }
        }

        if (!ReferenceEquals(before.Questions, after.Questions))
        {
            foreach (var id in ground.Asked.Keys)
            {
                if (!after.Questions.ContainsKey(new(id))) ground = ground with { Asked = ground.Asked.Remove(id) };
            }
        }

        if (!ReferenceEquals(before.Dvms, after.Dvms))
        {
            foreach (var gone in before.Dvms.Values.Where(d => d.Vm is not null && !after.Dvms.ContainsKey(d.Id.Value)))
            {
                ground = ground with { Requesters = ground.Requesters.Remove(gone.Vm!.Identity) };
                if (gone.Stage is not DvmStage.Ready && ground.Entries.Contains(gone.Vm.Name.ToString()) && !after.Dvms.Values.Any(d => d.Vm?.Name == gone.Vm.Name))
                    throw new InvariantException($"{gone.Vm.Name} is forgotten, and is still in the VM database");
            }
        }

        if (!ReferenceEquals(before.Vms, after.Vms))
        {
            foreach (var vm in before.Vms.Values)
            {
                if (after.Find(vm.Identity) is null) ground = ground with { Statuses = ground.Statuses.Remove(vm.Identity) };
            }
        }

        return ground;
    }
}

/// <summary>An invariant does not hold.</summary>
public sealed class InvariantException(string message) : Exception(message);
