using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Exchange;
using Qfx.Xen.Block;

namespace Qfx.Daemon.Control;

/// <summary>What the administrator orders: events like any other, for the rules to decide on.</summary>
/// <remarks>There is no way from here to an answer to a question.</remarks>
internal sealed class ControlOrders(ControlBoard board) : IDisposable
{
    private readonly Subject<ExchangeEvent> orders = new();
    private readonly Subject<Unit> reloads = new();

    /// <summary>For the rules.</summary>
    public IObservable<ExchangeEvent> Events => orders.AsObservable();

    /// <summary>The configuration and the policy are to be read again.</summary>
    public IObservable<Unit> Reloads => reloads.AsObservable();

    /// <summary>Ends what is under way about a pendrive, or a question.</summary>
    /// <returns>What is done, or why nothing is; null: there is no such thing.</returns>
    public (bool Taken, string Text)? Cancel(string id)
    {
        if (board.Find(id) is not { } p) return null;
        if (p.Stage is Stage.AtReceiver || (p.Stage is Stage.Quarantined && p.Slot?.Vdev == Vdev.Xvdh))
            return (false, $"{p.Id} is at its receiver: detach {p.Id} takes it away there");
        if (p.Stage is not (Stage.Making or Stage.Plugging or Stage.Asking or Stage.AtSender or Stage.Opening or Stage.Quarantined or Stage.Waiting or Stage.Resuming))
            return (false, $"{p.Id} is being moved ({Words.Of(p.Stage)}): try again in a moment");
        orders.OnNext(new ExchangeEvent.CancelOrdered(p.Id));
        return (true, $"{p.Id} is cancelled");
    }

    /// <summary>Takes a pendrive away from its receiver.</summary>
    /// <returns>As <see cref="Cancel"/>.</returns>
    public (bool Taken, string Text)? Detach(string id)
    {
        if (board.Find(id) is not { } p) return null;
        if (p.Stage is not Stage.AtReceiver && !(p.Stage is Stage.Quarantined && p.Slot?.Vdev == Vdev.Xvdh))
            return (false, $"{p.Id} is not at a receiver ({Words.Of(p.Stage)}): cancel {p.Id} ends what is under way");
        orders.OnNext(new ExchangeEvent.DetachOrdered(p.Id));
        return (true, $"{p.Id} is being taken away");
    }

    public void Reload() => reloads.OnNext(Unit.Default);

    public void Dispose()
    {
        orders.Dispose();
        reloads.Dispose();
    }
}
