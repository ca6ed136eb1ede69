using System.Collections.Immutable;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;

namespace Qfx.Streams.Rules;

/// <content>A VM that was saved or rebooted with a pendrive is told what became of it, and its kernel is rid of the dead disk.</content>
public static partial class AddedRules
{
    private const int MostRemembered = 64;

    /// <summary>
    /// A restored kernel hears of a change only once it follows its devices again, which nobody is told: so it is shown the change several times. Each costs two transactions.
    /// </summary>
    private static readonly ImmutableArray<TimeSpan> Again = [.. new[] { 1, 5, 20, 60 }.Select(after => TimeSpan.FromSeconds(after))];

    /// <summary>When a VM is there again whose last life ended with a pendrive at xvdg or xvdh: a status, and <see cref="ExchangeCommand.DropDeadDisk"/>.</summary>
    /// <param name="steps">Hot: each turn of the exchange.</param>
    /// <param name="time">Whose time it is.</param>
    /// <returns>For each such VM one status, under the number of no request, and within a minute its disks that may be dead. Of the VMs that have ended so, the last 64 are remembered.</returns>
    public static IObservable<ExchangeCommand> TellNextLife(this IObservable<ExchangeStep> steps, IScheduler time) => steps
        .Scan(
            (Last: (ExchangeState?)null, Ended: ImmutableList<(string Uuid, Vdev Had)>.Empty, There: ((DomainIdentity Vm, ImmutableArray<Vdev> Had)?)null),
            (known, step) => step.Cause switch
            {
                ExchangeEvent.DomainGone { Domain: var gone } => (step.State, Remember(known.Ended, gone, known.Last), null),
                ExchangeEvent.Qpen { What: QpenEvent.Prepared { From: var vm } } when step.State.Find(vm) is { Taken: 0 } && known.Ended.Any(ended => ended.Uuid == vm.Uuid) =>
                    (step.State, known.Ended.RemoveAll(ended => ended.Uuid == vm.Uuid), (vm, [.. known.Ended.Where(ended => ended.Uuid == vm.Uuid).Select(ended => ended.Had)])),
                _ => (step.State, known.Ended, null),
            })
        .SelectMany(known => known is { There: var (vm, had), Last: { } state }
            ? Again.ToObservable()
                .SelectMany(after => Observable.Timer(after, time))
                .WithLatestFrom(steps.Select(step => step.State).StartWith(state), (_, now) => now)
                .Where(now => now.Find(vm) is not null)
                .SelectMany(now => had.Select(vdev => (ExchangeCommand)new ExchangeCommand.DropDeadDisk(new(vm, vdev), now.Settings.EffectLimit)))
                .StartWith(Tell(state, vm, had))
            : Observable.Empty<ExchangeCommand>());

    /// <summary>A disposable VM has no next life, and what has no uuid cannot be known again.</summary>
    private static ImmutableList<(string Uuid, Vdev Had)> Remember(ImmutableList<(string Uuid, Vdev Had)> ended, DomainIdentity gone, ExchangeState? before)
    {
        if (before is null || gone.Uuid.Length == 0 || before.DvmOf(gone) is not null) return ended;
        var had = before.Slots.Keys.Where(slot => slot.Vm == gone).Select(slot => (gone.Uuid, slot.Vdev)).OrderBy(one => one.Vdev.Name, StringComparer.Ordinal).ToArray();
        var all = ended.RemoveAll(had.Contains).AddRange(had);
        return all.Count > MostRemembered ? all.RemoveRange(0, all.Count - MostRemembered) : all;
    }

    private static ExchangeCommand.WriteStatus Tell(ExchangeState state, DomainIdentity vm, ImmutableArray<Vdev> had)
    {
        const string Why = "this VM was saved or rebooted";
        var (code, text) = (had.Contains(Vdev.Xvdg), had.Contains(Vdev.Xvdh)) switch
        {
            (true, true) => (StatusCode.Cancelled, $"the pendrives at xvdg and xvdh are gone: {Why}, nothing of its own was sent, and who sent the other knows"),
            (true, _) => (StatusCode.Cancelled, $"the pendrive at xvdg is gone: {Why}, nothing of it was sent"),
            _ => (StatusCode.Detached, $"the pendrive at xvdh is gone: {Why}, its sender knows"),
        };
        return new(vm, new(0, code, text), state.Settings.EffectLimit);
    }
}
