using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Streams.Rules;

/// <content>A pendrive that nobody takes off a receiver is forgotten files of somebody.</content>
public static partial class AddedRules
{
    /// <summary>Tells the person when a pendrive has been at its receiver for longer than <paramref name="after"/>.</summary>
    /// <param name="steps">Hot: each turn of the exchange.</param>
    /// <param name="after">How long it may be there; typically an hour.</param>
    /// <param name="time">Whose time it is.</param>
    /// <returns>
    /// A notice and a line for the journal, once for a pendrive; none for one that has left by then. What waits here is bounded by
    /// what a person says yes to within that time.
    /// </returns>
    public static IObservable<ExchangeCommand> WarnOfForgotten(this IObservable<ExchangeStep> steps, TimeSpan after, IScheduler time) => steps
        .Select(step => step.Cause is ExchangeEvent.Attached come && IsAtReceiver(step.State, come.Id) is not null ? come : null)
        .OfType<ExchangeEvent.Attached>()
        .Delay(after, time)
        .WithLatestFrom(steps, (come, now) => (now.State, Pendrive: IsAtReceiver(now.State, come.Id)))
        .SelectMany(found => found.Pendrive is { Stage: Stage.AtReceiver at } pendrive ? Warn(found.State, pendrive, at) : []);

    private static Pendrive? IsAtReceiver(ExchangeState state, PendriveId id) =>
        state.Pendrives.TryGetValue(id, out var pendrive) && pendrive.Stage is Stage.AtReceiver ? pendrive : null;

    private static ExchangeCommand[] Warn(ExchangeState state, Pendrive pendrive, Stage.AtReceiver at)
    {
        var sender = state.PartyOf(pendrive.Sender)?.Name;
        return
        [
            new ExchangeCommand.Notify(NoticeKind.PendriveForgotten, at.To.Name, sender, state.Settings.EffectLimit),
            new ExchangeCommand.Record(new(
                ReportKind.Trouble, at.To.Identity, at.To.Name, pendrive.Id, null, StatusCode.Waiting, "the pendrive has been at xvdh for long: unmount it there")),
        ];
    }
}
