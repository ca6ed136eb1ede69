using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Exchange;

/// <content>What the administrator orders, over the control socket. Never a yes: nothing here hands anything over.</content>
public static partial class ExchangeRules
{
    private static void OnCancelOrdered(Turn turn, PendriveId id)
    {
        if (!turn.State.Pendrives.TryGetValue(id, out var p)) return;
        var n = turn.State.Find(p.Sender)?.Taken ?? 0;
        if (Cancel(turn, p, n)) turn.Record(StatusCode.Cancelled, p.Sender, id, null, "the administrator has cancelled it");
    }

    private static void OnDetachOrdered(Turn turn, PendriveId id)
    {
        if (!turn.State.Pendrives.TryGetValue(id, out var p)) return;
        switch (p.Stage)
        {
            case Stage.AtReceiver s:
                turn.Answer(p.Sender, s.N, StatusCode.NotReceived, "it was taken away from the receiver", id, s.To.Name, journal: "the administrator has taken it away from the receiver");
                Detach(turn, p, new Stage.LeavingReceiver(s.To, Ordered(turn, s.To)));
                break;
            case Stage.Quarantined s when s.At.Vdev == Vdev.Xvdh:
                var party = NamedOrNot(turn, s.At.Vm);
                turn.Record(StatusCode.Detached, s.At.Vm, id, null, "the administrator has it taken away");
                Detach(turn, p, new Stage.LeavingReceiver(party, Ordered(turn, party)));
                break;
        }
    }

    private static UmountCame Ordered(Turn turn, Party receiver) => new(turn.State.Find(receiver.Identity)?.Taken ?? 0, null);
}
