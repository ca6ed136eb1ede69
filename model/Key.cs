using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Model;

/// <summary>A world in 16 bytes: the same for worlds that differ in numbers alone, or in which VM is which of those that do the same.</summary>
/// <remarks>Its bytes are written with every number replaced by what it stands for, once for each order of the VMs; the least of them is hashed.</remarks>
public sealed partial class Key
{
    private readonly List<DomainIdentity> dead = [];
    private readonly List<long> pendrives = [];
    private byte[] best = new byte[4096];
    private byte[] now = new byte[4096];
    private byte[] scratch = new byte[4096];
    private int length;
    private World world = null!;
    private int[] place = [];

    /// <summary>The key of a world. Not for two threads at once.</summary>
    public UInt128 Of(World of)
    {
        ArgumentNullException.ThrowIfNull(of);
        world = of;
        GatherDead();
        var least = 0;
        foreach (var order in world.Scene.Orders)
        {
            if (place.Length != order.Length) place = new int[order.Length];
            for (var i = 0; i < order.Length; i++) place[order[i]] = i;
            length = 0;
            Write();
            if (least > 0 && best.AsSpan(0, least).SequenceCompareTo(now.AsSpan(0, length)) <= 0) continue;
            (best, now) = (now, best);
            least = length;
        }

        return KeyHash.Of(best.AsSpan(0, least));
    }

    private void GatherDead()
    {
        dead.Clear();
        foreach (var p in world.State.Pendrives.Values)
        {
            See(p.Sender);
            if (p.Slot is { } slot) See(slot.Vm);
            if (p.Approval is var (_, from, to))
            {
                See(from.Identity);
                if (to is not null) See(to.Identity);
            }
        }

        foreach (var slots in world.Ground.Vbds.Values)
        {
            foreach (var slot in slots) See(slot.Vm);
        }

        foreach (var dvm in world.State.Dvms.Values)
        {
            if (dvm.Vm is { } vm) See(vm.Identity);
            if (dvm.For is { } request) See(request.Requester.Identity);
        }

        foreach (var lane in world.Lanes)
        {
            foreach (var effect in lane)
            {
                if (effect.Lane is not Lane.Devices) continue;
                See(effect switch
                {
                    ExchangeCommand.Attach e => e.At.Vm,
                    ExchangeCommand.Detach e => e.At.Vm,
                    ExchangeCommand.Announce e => e.To,
                    ExchangeCommand.DestroyDvm e => e.Vm,
                    ExchangeCommand.DestroyStranger e => e.Vm,
                    _ => default,
                });
            }
        }

        dead.Sort((a, b) => a.Domid.Value.CompareTo(b.Domid.Value));
    }

    private void See(DomainIdentity domain)
    {
        if (domain.Uuid is null || world.Ground.Domains.ContainsKey(domain) || dead.Contains(domain)) return;
        dead.Add(domain);
    }

    private void SortPendrives()
    {
        pendrives.Clear();
        foreach (var id in world.State.Pendrives.Keys) pendrives.Add(id.Value);
        foreach (var id in world.Ground.Vbds.Keys)
        {
            if (!pendrives.Contains(id)) pendrives.Add(id);
        }

        if (pendrives.Count < 2) return;
        var keyed = pendrives.Select(id =>
        {
            (now, scratch) = (scratch, now);
            var was = length;
            length = 0;
            WritePendrive(id, inFull: false);
            var written = Convert.ToHexString(now.AsSpan(0, length));
            (now, scratch, length) = (scratch, now, was);
            return (Id: id, Written: written, Place: world.State.Pendrives.GetValueOrDefault(new(id))?.Stage is Stage.Waiting w ? w.Place : 0);
        }).OrderBy(k => k.Written, StringComparer.Ordinal).ThenBy(k => k.Place).ThenBy(k => k.Id).Select(k => k.Id).ToArray();
        pendrives.Clear();
        pendrives.AddRange(keyed);
        var waiting = keyed.Where(id => world.State.Pendrives.GetValueOrDefault(new(id))?.Stage is Stage.Waiting).ToArray();
        if (waiting.Length < 2) return;
        foreach (var id in waiting.OrderBy(id => ((Stage.Waiting)world.State.Pendrives[new(id)].Stage).Place)) Byte(Pendrive(id));
    }

    private byte Pendrive(long id) => (byte)(1 + pendrives.IndexOf(id));

    private byte Dvm(DvmId id)
    {
        byte at = 1;
        foreach (var key in world.State.Dvms.Keys)
        {
            if (key == id.Value) return at;
            at++;
        }

        return 0;
    }

    private byte Domain(DomainIdentity domain)
    {
        if (domain.Uuid is null) return 0;
        var kin = int.Parse(domain.Uuid, System.Globalization.CultureInfo.InvariantCulture);
        var at = kin < place.Length ? place[kin] : kin;
        if (world.Ground.Domains.ContainsKey(domain)) return (byte)(10 + at);
        var age = 0;
        foreach (var other in dead)
        {
            if (other == domain) break;
            if (other.Uuid == domain.Uuid) age++;
        }

        return (byte)(40 + (16 * Math.Min(age, 8)) + at);
    }

    /// <summary>All that matters of the number of a request: whether it is the newest one.</summary>
    private byte Number(DomainIdentity of, int n) => (byte)(world.State.Find(of) is { } vm && vm.Taken == n ? 2 : 1);

    private static byte Code(DvmStage stage) => stage switch
    {
        DvmStage.Queued => 1,
        DvmStage.Looking => 2,
        DvmStage.Updating => 3,
        DvmStage.AskingMemory => 4,
        DvmStage.Restoring => 5,
        DvmStage.Recording => 6,
        DvmStage.Unpausing => 7,
        DvmStage.Entering => 8,
        DvmStage.Appearing => 9,
        DvmStage.Ready => 10,
        DvmStage.Loading => 11,
        DvmStage.Running => 12,
        DvmStage.Ending => 13,
        DvmStage.Kept => 14,
        DvmStage.Clearing => 15,
        DvmStage.Outlived => 16,
        _ => throw new InvalidOperationException($"no code for {stage}"),
    };

    private void Byte(byte value)
    {
        if (length == now.Length) Array.Resize(ref now, 2 * length);
        now[length++] = value;
    }
}
