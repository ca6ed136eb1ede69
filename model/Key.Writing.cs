using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Block;

namespace Qfx.Model;

/// <content>What of a world counts, as bytes: each part after a byte that says which it is.</content>
public sealed partial class Key
{
    private void Write()
    {
        SortPendrives();
        for (var at = 0; at < place.Length; at++) WriteVm(Array.IndexOf(place, at));
        foreach (var (domain, outside) in world.Ground.Domains.OrderBy(d => d.Value.Kin))
        {
            if (outside.Kin >= Ground.Disposables) WriteDomain(domain, outside);
        }

        Byte(250);
        foreach (var id in pendrives) WritePendrive(id, inFull: true);
        Byte(251);
        foreach (var dvm in world.State.Dvms.Values) WriteDvm(dvm);
        Byte(252);
        foreach (var lane in world.Lanes.OrderBy(LaneOrder))
        {
            foreach (var effect in lane) WriteEffect(effect);
            Byte(253);
        }

        foreach (var report in world.Reports) Byte(report is ExchangeEvent.AttachFailed failed ? Pendrive(failed.Id.Value) : (byte)99);
        Byte(254);
        foreach (var timer in world.Timers.Select(TimerCode).Order()) Byte(timer);
        foreach (var entry in world.Ground.Entries) Byte((byte)entry[^1]);
    }

    private void WriteVm(int kin)
    {
        var found = false;
        foreach (var (domain, outside) in world.Ground.Domains)
        {
            if (outside.Kin != kin) continue;
            WriteDomain(domain, outside);
            found = true;
        }

        if (!found) Byte(0);
    }

    private void WriteDomain(DomainIdentity domain, Outside outside)
    {
        Byte((byte)(1 + (outside.Appeared ? 1 : 0) + (outside.Named ? 2 : 0) + (outside.Dead ? 4 : 0)));
        var vm = world.State.Find(domain);
        var answered = world.Ground.Statuses.TryGetValue(domain, out var status);
        Byte((byte)(vm is null ? 0 : vm.Taken == 0 ? 1 : !answered || status.N != vm.Taken ? 2 : status.Open ? 3 : 4));
        if (outside.Kin < Ground.Disposables) return;
        Byte((byte)outside.Kin);
        Byte((byte)(!world.Ground.Requesters.TryGetValue(domain, out var requester) ? 1 : requester is { } r ? Domain(r) : 2));
    }

    private void WriteDvm(Dvm dvm)
    {
        Byte(Code(dvm.Stage));
        Byte((byte)((dvm.Used ? 1 : 0) + (dvm.Orphaned ? 2 : 0) + (dvm.Paused ? 4 : 0) + (dvm.Savefile is null ? 0 : dvm.Savefile.Fresh ? 8 : 16)));
        Byte(dvm.Vm is { } vm ? Domain(vm.Identity) : (byte)0);
        Byte(dvm.For is { } request ? Domain(request.Requester.Identity) : (byte)0);
        Byte(dvm.For is { } f ? Pendrive(f.Pendrive.Value) : (byte)0);
        Byte(dvm.For is { } g ? Number(g.Requester.Identity, g.N) : (byte)0);
        Byte(dvm.Reply is { } reply ? Pendrive(reply.Value) : (byte)0);
    }

    private void WritePendrive(long id, bool inFull)
    {
        Byte(249);
        if (world.State.Pendrives.TryGetValue(new(id), out var p))
        {
            Byte(Domain(p.Sender));
            WriteStage(p);
        }

        Byte((byte)((world.Ground.Images.Contains(id) ? 1 : 0) + (world.Ground.ByHand.Contains(id) ? 2 : 0)));
        if (world.Ground.Vbds.TryGetValue(id, out var slots))
        {
            foreach (var slot in slots) WriteSlot(slot);
        }

        if (!inFull) return;
        Byte(world.Ground.Creators.TryGetValue(id, out var creator) ? Domain(creator) : (byte)0);
        Byte(world.Ground.Approved.TryGetValue(id, out var approved) ? Domain(approved) : (byte)0);
    }

    private void WriteStage(Pendrive p)
    {
        switch (p.Stage)
        {
            case Stage.Making s: Stage1(1, p, s.N, s.CancelledBy); break;
            case Stage.Plugging s: Stage1(2, p, s.N, s.CancelledBy); break;
            case Stage.AtSender: Byte(3); break;
            case Stage.Asking s:
                Stage1(4, p, s.N, null);
                Byte((byte)((s.Shown ? 1 : 0) + (s.Detached ? 2 : 0) + (s.Written is null ? 0 : 4)));
                Byte(Domain(s.From.Identity));
                if (s.For is AskedFor.Copy copy) Byte(Domain(copy.To.Identity));
                else if (s.For is AskedFor.Choice choice) Byte((byte)choice.Among.Select(c => (int)Domain(c.Identity)).Order().Aggregate(0, (sum, c) => ((sum * 31) + c) & 255));
                break;
            case Stage.LeavingSender s:
                Stage2(5, p, s.N, s.From, s.To);
                Byte((byte)(s.Written is null ? 0 : 1));
                break;
            case Stage.Waiting s: Stage2(6, p, s.N, s.From, s.To); break;
            case Stage.Resuming s: Stage2(20, p, s.N, s.From, s.To); break;
            case Stage.Delivering s:
                Stage2((byte)(s.Attaching ? 7 : 8), p, s.N, s.From, s.To);
                Came(s.To.Identity, s.Umount);
                break;
            case Stage.Returning s: Stage1(9, p, s.N, null); Byte((byte)(s.Asked ? 1 : 0)); break;
            case Stage.AtReceiver s: Stage1(10, p, s.N, null); Byte(Domain(s.To.Identity)); break;
            case Stage.LeavingReceiver s: Byte(11); Byte(Domain(s.To.Identity)); Came(s.To.Identity, s.Umount); break;
            case Stage.Discarding s: Stage1(12, p, 0, s.CancelledBy); WriteSlot(s.At); Byte((byte)(s.HolderDead ? 1 : 0)); break;
            case Stage.Deleting: Byte(13); break;
            case Stage.Quarantined s: Byte(14); WriteSlot(s.At); break;
            case Stage.Opening s: Stage1(15, p, s.N, null); break;
            case Stage.Committing s: Stage2(16, p, s.N, s.From, s.To); break;
            case Stage.Stuck s: Stage2(17, p, s.N, s.From, s.To); break;
            case Stage.Recalled s: Stage2(18, p, s.N, s.From, s.To); break;
            default: throw new InvalidOperationException($"no code for {p.Stage}");
        }
    }

    private void Stage1(byte code, Pendrive p, int n, int? cancelledBy)
    {
        Byte(code);
        Byte(Number(p.Sender, n));
        Byte(cancelledBy is { } by ? Number(p.Sender, by) : (byte)0);
    }

    private void Stage2(byte code, Pendrive p, int n, Party from, Party to)
    {
        Stage1(code, p, n, null);
        Byte(Domain(from.Identity));
        Byte(Domain(to.Identity));
    }

    private void Came(DomainIdentity receiver, UmountCame? came) => Byte((byte)(came is null ? 0 : came.N == 0 ? 1 : 2 + Number(receiver, came.N) + (came.Received is null ? 4 : 0)));

    private void WriteSlot(Slot slot)
    {
        Byte(Domain(slot.Vm));
        Byte((byte)(slot.Vdev == Vdev.Xvdg ? 1 : 2));
    }

    private void WriteEffect(ExchangeCommand.Effect effect)
    {
        Byte((byte)CounterExample.LetterOf(effect));
        switch (effect)
        {
            case ExchangeCommand.Make e: Byte(Pendrive(e.Id.Value)); break;
            case ExchangeCommand.Delete e: Byte(Pendrive(e.Id.Value)); break;
            case ExchangeCommand.Attach e: Byte(Pendrive(e.Id.Value)); WriteSlot(e.At); break;
            case ExchangeCommand.Detach e: Byte(Pendrive(e.Id.Value)); WriteSlot(e.At); Byte((byte)(e.HolderDead ? 1 : 0)); break;
            case ExchangeCommand.Announce e: Byte(Pendrive(e.Id.Value)); Byte(Domain(e.To)); break;
            case ExchangeCommand.Ask e: Byte(world.State.Questions.TryGetValue(e.Question, out var id) ? Pendrive(id.Value) : (byte)98); break;
            case ExchangeCommand.DestroyStranger e: Byte(Domain(e.Vm)); break;
            case ExchangeCommand.RecordDvm e: Byte(Dvm(e.Id)); Byte((byte)(e.Text.Used ? 1 : 0)); break;
            case ExchangeCommand.DvmEffect e: Byte(Dvm(e.Id)); break;
        }
    }

    private byte TimerCode(TimerId timer) => timer switch
    {
        TimerId.Question q => world.State.Questions.TryGetValue(q.Id, out var id) ? Pendrive(id.Value) : (byte)98,
        TimerId.Waiting w => (byte)(100 + Pendrive(w.Id.Value)),
        TimerId.Held h => (byte)(150 + Pendrive(h.Id.Value)),
        TimerId.Dvm d => (byte)(200 + Dvm(d.Id)),
        _ => 97,
    };

    /// <summary>Lanes in an order that does not depend on when they began: by what is under way in them.</summary>
    private int LaneOrder(System.Collections.Immutable.ImmutableArray<ExchangeCommand.Effect> lane) => lane[0] switch
    {
        ExchangeCommand.Make e => 1000 + Pendrive(e.Id.Value),
        ExchangeCommand.Delete e => 1000 + Pendrive(e.Id.Value),
        ExchangeCommand.Attach e => 2000 + Domain(e.At.Vm),
        ExchangeCommand.Detach e => 2000 + Domain(e.At.Vm),
        ExchangeCommand.Announce e => 2000 + Domain(e.To),
        ExchangeCommand.DestroyDvm e => 2000 + Domain(e.Vm),
        ExchangeCommand.DestroyStranger e => 2000 + Domain(e.Vm),
        ExchangeCommand.Ask => 3000,
        ExchangeCommand.RecordDvm => 4000,
        ExchangeCommand.EnterDvm or ExchangeCommand.RemoveEntry => 5000,
        _ => 6000,
    };
}
