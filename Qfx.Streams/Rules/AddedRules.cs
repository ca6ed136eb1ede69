using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Qfx.Streams.Exchange;

namespace Qfx.Streams.Rules;

/// <summary>Rules that only watch the exchange, and want something done about it. How to write one: docs/rules.md, "A new rule".</summary>
public static partial class AddedRules
{
    /// <summary>What they all want done.</summary>
    /// <param name="steps">Hot: each turn of the exchange, as it happens.</param>
    /// <param name="time">Whose time it is, and where they run.</param>
    public static IObservable<ExchangeCommand> All(IObservable<ExchangeStep> steps, IScheduler time) => Observable.Merge(
        steps.WarnOfForgotten(after: TimeSpan.FromHours(1), time),
        steps.TellNextLife(time));
}
