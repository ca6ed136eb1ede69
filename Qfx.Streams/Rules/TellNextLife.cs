using System.Collections.Immutable;
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

    /// <summary>When a VM is there again whose last life ended with a pendrive at xvdg or xvdh: see <see cref="ExchangeCommand.DropDeadDisk"/>, and a status.</summary>
    /// <param name="steps">Hot: each turn of the exchange.</param>
    /// <returns>For each such pendrive the disk that may be dead, then one status under the number of no request. Of the VMs that have ended so, the last 64 are remembered.</returns>
    public static IObservable<ExchangeCommand> TellNextLife(this IObservable<ExchangeStep> steps) => steps
        .Scan(
            (Last: (ExchangeState?)null, Ended: ImmutableList<(string Uuid, Vdev Had)>.Empty, Commands: Enumerable.Empty<ExchangeCommand>()),
            (known, step) => step.Cause switch
            {
                ExchangeEvent.DomainGone { Domain: var gone } => (step.State, Remember(known.Ended, gone, known.Last), []),
                ExchangeEvent.Qpen { What: QpenEvent.Prepared { From: var vm } } when step.State.Find(vm) is { Taken: 0 } && known.Ended.Any(ended => ended.Uuid == vm.Uuid) =>
                    (step.State, known.Ended.RemoveAll(ended => ended.Uuid == vm.Uuid), Tell(step.State, vm, known.Ended.Where(ended => ended.Uuid == vm.Uuid).Select(ended => ended.Had))),
                _ => (step.State, known.Ended, []),
            })
        .SelectMany(known => known.Commands);

    private static ImmutableList<(string Uuid, Vdev Had)> Remember(ImmutableList<(string Uuid, Vdev Had)> ended, DomainIdentity gone, ExchangeState? before)
    {
        var had = before?.Slots.Keys.Where(slot => slot.Vm == gone).Select(slot => (gone.Uuid, slot.Vdev)).OrderBy(one => one.Vdev.Name, StringComparer.Ordinal) ?? Enumerable.Empty<(string, Vdev)>();
        var all = ended.AddRange(had);
        return all.Count > MostRemembered ? all.RemoveRange(0, all.Count - MostRemembered) : all;
    }

    private static ImmutableArray<ExchangeCommand> Tell(ExchangeState state, DomainIdentity vm, IEnumerable<Vdev> had)
    {
        ImmutableArray<Vdev> disks = [.. had];
        var (code, text) = disks.Contains(Vdev.Xvdg)
            ? (StatusCode.Cancelled, "the pendrive at xvdg is gone: this VM was saved or rebooted, nothing of it was sent")
            : (StatusCode.Detached, "the pendrive at xvdh is gone: this VM was saved or rebooted, its sender knows");
        return
        [
            .. disks.Select(vdev => new ExchangeCommand.DropDeadDisk(new(vm, vdev), state.Settings.EffectLimit)),
            new ExchangeCommand.WriteStatus(vm, new(0, code, text), state.Settings.EffectLimit),
        ];
    }
}
