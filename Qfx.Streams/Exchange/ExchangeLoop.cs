using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Streams.Lanes;
using Qfx.Streams.Requests;
using Qfx.Streams.Rules;
using Qfx.Xen.Domains;

namespace Qfx.Streams.Exchange;

/// <summary>The way round: events become commands, commands are carried out, their outcomes are events.</summary>
public static class ExchangeLoop
{
    /// <summary>Runs the exchange.</summary>
    /// <param name="inputs">What happens outside: domains, names, requests. From ExchangeInputs.</param>
    /// <param name="settings">What the administrator has set.</param>
    /// <param name="execute">The edge: see <see cref="LaneRunner.RunInLanes"/>.</param>
    /// <param name="notes">What outlives the daemon of what was taken.</param>
    /// <param name="scheduler">Whose time it is, and where the rules run, one event at a time. Not an immediate one.</param>
    /// <returns>Each turn of the rules, for who wants to watch. Ends with the error that ends the inputs, or the edge.</returns>
    public static IObservable<ExchangeStep> Run(
        IObservable<ExchangeEvent> inputs,
        ExchangeSettings settings,
        Func<ExchangeCommand.Effect, CancellationToken, IObservable<ExchangeEvent>> execute,
        ITakenNotes notes,
        IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Observable.Create<ExchangeStep>(observer =>
        {
            var running = scheduler.StartStopwatch();    // monotonic
            var steps = new Subject<ExchangeStep>();    // the one place where the way round closes
            var commands = steps.SelectMany(step => step.Commands).Merge(AddedRules.All(steps, scheduler));
            var outcomes = commands.RunInLanes(execute, scheduler).Merge(commands.RunTimers(scheduler));
            var turns = outcomes.Merge(inputs)    // in this order: an input that comes at once must find its commands' runners there
                .ObserveOn(scheduler)
                .DropRepeats(steps.SelectMany(Decided), settings.RepeatWindow, notes, scheduler)
                .Scan(ExchangeStep.Initial(settings), (step, happened) => ExchangeRules.Decide(step.State with { Now = running.Elapsed }, happened));
            return StableCompositeDisposable.Create(steps.Subscribe(observer), turns.Subscribe(steps));
        });
    }

    /// <summary>The domains whose last request got its answer in this turn.</summary>
    private static IEnumerable<Domid> Decided(ExchangeStep step) => step.Commands
        .OfType<ExchangeCommand.WriteStatus>()
        .Where(write => !write.Status.Code.IsOpen())
        .Select(write => write.To.Domid);
}
