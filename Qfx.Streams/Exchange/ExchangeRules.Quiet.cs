using System.Collections.Immutable;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Exchange;

/// <content>Nobody is asked, or told, without end.</content>
public static partial class ExchangeRules
{
    /// <summary>Over which time refusals and notices are counted.</summary>
    private static readonly TimeSpan Counted = TimeSpan.FromMinutes(1);

    /// <summary>The person said no. At the third time in a minute there is quiet for a while.</summary>
    private static void Refuse(Turn turn, VmName vm)
    {
        var now = turn.State.Now;
        var refusals = Recent(turn.State.Refusals, vm, now).Add(now);
        var enough = refusals.Length >= turn.Settings.RefusalsToQuiet;
        turn.State = turn.State with
        {
            Refusals = enough ? turn.State.Refusals.Remove(vm) : turn.State.Refusals.SetItem(vm, refusals),
            Quiet = enough ? Passed(turn.State.Quiet, now).SetItem(vm, now + turn.Settings.QuietTime) : turn.State.Quiet,
        };
    }

    private static bool IsQuiet(Turn turn, VmName vm) => turn.State.Now < turn.State.Quiet.GetValueOrDefault(vm);

    /// <summary>Tells the person, a few times a minute for each VM: what a guest does over and over is in the journal.</summary>
    private static void Tell(Turn turn, NoticeKind kind, VmName about, VmName? other)
    {
        var now = turn.State.Now;
        var told = Recent(turn.State.Told, about, now);
        if (told.Length >= turn.Settings.NoticesPerMinute) return;
        turn.State = turn.State with { Told = turn.State.Told.SetItem(about, told.Add(now)) };
        turn.Do(new ExchangeCommand.Notify(kind, about, other, turn.Settings.EffectLimit));
    }

    /// <summary>The same about a pendrive between two ordinary VMs: what goes to a disposable VM and back has notices of its own.</summary>
    private static void TellOfCopy(Turn turn, Pendrive p, NoticeKind kind, VmName about, VmName? other)
    {
        if (turn.State.Dvms.Values.Any(dvm => dvm.For?.Pendrive == p.Id) || turn.State.RepliedBy(p.Id) is not null) return;
        if (IsDvmName(about) || (other is { } name && IsDvmName(name))) return;
        Tell(turn, kind, about, other);
    }

    private static ImmutableArray<TimeSpan> Recent(ImmutableDictionary<VmName, ImmutableArray<TimeSpan>> times, VmName vm, TimeSpan now) =>
        times.TryGetValue(vm, out var known) ? known.RemoveAll(time => now - time > Counted) : [];

    /// <summary>Without what is over: names come and go.</summary>
    private static ImmutableDictionary<VmName, TimeSpan> Passed(ImmutableDictionary<VmName, TimeSpan> until, TimeSpan now) =>
        until.RemoveRange(until.Where(entry => entry.Value <= now).Select(entry => entry.Key));
}
