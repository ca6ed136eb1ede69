namespace Qfx.Streams.Exchange;

/// <content>Disposable VMs that are made ahead, and whose turn it is to be made.</content>
public static partial class ExchangeRules
{
    /// <summary>One is made at a time: who has waited longest comes first, and those that are made ahead when nobody waits.</summary>
    private static void MakeNext(Turn turn)
    {
        if (turn.State.Dvms.Values.Any(d => d.Stage.IsMaking)) return;
        var queue = turn.State.Dvms.Values.Where(d => d.Stage is DvmStage.Queued).ToArray();
        if ((queue.FirstOrDefault(d => d.For is not null) ?? queue.FirstOrDefault()) is { } next) LookAtSavefile(turn, next);
    }

    /// <summary>At the start, after one was taken, and every so often: is one missing, and is the savefile still the same?</summary>
    private static void LookAfterReady(Turn turn)
    {
        if (!turn.State.Recovered || turn.Settings.Disposables is not { Enabled: true, Ready: > 0 } settings) return;
        turn.Do(new ExchangeCommand.StartTimer(new TimerId.Ready(), settings.Again));
        if (turn.State.Dvms.Values.Any(d => d.For is null && (d.Stage.IsMaking || d.Stage is DvmStage.Queued))) return;
        var id = new DvmId(turn.Number());
        turn.State = turn.State.Put(new Dvm(id, null, new DvmStage.Queued()));
    }

    private static bool HasAllReady(Turn turn) =>
        turn.State.Dvms.Values.Count(d => d.Stage is DvmStage.Ready) >= turn.Settings.Disposables.Ready;

    /// <summary>The oldest one that fits, which is nobody else's from now on.</summary>
    private static Dvm? TakeReady(Turn turn, SavefileSeen seen)
    {
        var ready = turn.State.Dvms.Values.FirstOrDefault(d => d.Stage is DvmStage.Ready && d.Savefile is { } s && s.Stamp == seen.Stamp && s.Label == seen.Label);
        if (ready is null) return null;
        turn.State = turn.State.Without(ready.Id);
        LookAfterReady(turn);
        return ready;
    }

    /// <summary>Those of another savefile are of no use.</summary>
    private static void ThrowAwayReady(Turn turn, string? keep)
    {
        foreach (var ready in turn.State.Dvms.Values.Where(d => d.Stage is DvmStage.Ready && (keep is null || d.Savefile?.Stamp != keep)))
            End(turn, ready);
    }
}
