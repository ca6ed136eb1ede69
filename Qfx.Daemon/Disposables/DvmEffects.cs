using System.Collections.Concurrent;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Disposables;

/// <summary>The part of the edge that makes and ends disposable VMs, one method a command.</summary>
/// <param name="store">dom0's connection.</param>
/// <param name="host">What makes and ends them.</param>
/// <param name="database">The host's list of VMs.</param>
/// <param name="records">What survives a restart of the daemon.</param>
/// <param name="fileOf">The file that a pendrive's image is in.</param>
internal sealed class DvmEffects(
    IXenstore store, IDisposableHost host, IVmDatabase database, DvmRecords records, Func<PendriveId, string> fileOf) : IDisposable
{
    private static readonly TimeSpan DestroyLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<DvmId, IDisposable> memory = new();
    private readonly CancellationTokenSource stop = new();
    private Task earlier = Task.CompletedTask;
    private DomainIdentity? handedOver;    // the last VM that was: its record may come later than the next restore

    /// <summary>Whether an effect is one of these.</summary>
    public static bool Does(ExchangeCommand.Effect effect) =>
        effect is ExchangeCommand.DvmEffect or ExchangeCommand.DestroyStranger;

    /// <summary>Does one.</summary>
    public async Task<ExchangeEvent?> DoAsync(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        try
        {
            return await (effect switch
            {
                ExchangeCommand.LookAtSavefile e => LookAsync(e, cancel),
                ExchangeCommand.UpdateSavefile e => UpdateAsync(e, cancel),
                ExchangeCommand.AskMemory e => AskMemoryAsync(e, cancel),
                ExchangeCommand.ReleaseMemory e => Task.FromResult(Release(e.Id)),
                ExchangeCommand.Restore e => RestoreAsync(e, cancel),
                ExchangeCommand.RecordDvm e => Task.FromResult<ExchangeEvent?>(Write(e)),
                ExchangeCommand.ForgetDvm e => Task.FromResult(Forget(e)),
                ExchangeCommand.Unpause e => UnpauseAsync(e, cancel),
                ExchangeCommand.EnterDvm e => EnterAsync(e, cancel),
                ExchangeCommand.RemoveEntry e => RemoveAsync(e, cancel),
                ExchangeCommand.DestroyDvm e => DestroyAsync(e.Vm, new ExchangeEvent.Destroyed(e.Id), cancel),
                ExchangeCommand.DestroyStranger e => DestroyAsync(e.Vm, null, cancel),
                _ => throw new System.Diagnostics.UnreachableException($"no deed for {effect.GetType().Name}"),
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DisposableException or VmDatabaseException or IOException or UnauthorizedAccessException)
        {
            return effect.Fail(new(StatusCode.Failed, e.Message));
        }
    }

    /// <summary>Gives back what memory is still held.</summary>
    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        foreach (var id in memory.Keys) Release(id);
    }

    private async Task<ExchangeEvent?> LookAsync(ExchangeCommand.LookAtSavefile e, CancellationToken cancel)
    {
        var seen = await host.LookAsync(cancel).ConfigureAwait(false);
        var label = await LabelAsync(e.For, cancel).ConfigureAwait(false);
        return new ExchangeEvent.SavefileLooked(e.Id, new(seen.Fresh, seen.Stamp, label.Index));
    }

    private async Task<ExchangeEvent?> UpdateAsync(ExchangeCommand.UpdateSavefile e, CancellationToken cancel)
    {
        await host.UpdateAsync(cancel).ConfigureAwait(false);
        return new ExchangeEvent.SavefileUpdated(e.Id);
    }

    private async Task<ExchangeEvent?> AskMemoryAsync(ExchangeCommand.AskMemory e, CancellationToken cancel)
    {
        if (await host.AskMemoryAsync(cancel).ConfigureAwait(false) is not { } granted) return new ExchangeEvent.MemoryRefused(e.Id, "the memory manager refused");
        memory[e.Id] = granted;
        if (cancel.IsCancellationRequested) Release(e.Id);
        return new ExchangeEvent.MemoryGranted(e.Id);
    }

    private ExchangeEvent? Release(DvmId id)
    {
        if (memory.TryRemove(id, out var held)) held.Dispose();
        return null;
    }

    private async Task<ExchangeEvent?> RestoreAsync(ExchangeCommand.Restore e, CancellationToken cancel)
    {
        if (e.Ahead && !host.CanRestorePaused) throw new DisposableException("the restore command cannot leave a VM paused, so none is made ahead");
        await earlier.WaitAsync(cancel).ConfigureAwait(false);
        var label = await LabelAsync(e.For, cancel).ConfigureAwait(false);

        // One that could not be ended is not forgotten for the next one.
        if (await FindUnrecordedAsync(cancel).ConfigureAwait(false) is { } left) await host.DestroyAsync(left.Identity.Domid, cancel).ConfigureAwait(false);
        var mark = records.BeginRestore();
        RestoredVm? vm = null;
        try
        {
            vm = await host.RestoreAsync(label, host.CanRestorePaused, mark, cancel).ConfigureAwait(false);
            var made = await IdentifyAsync(vm, cancel).ConfigureAwait(false);
            handedOver = made.Identity;
            return new ExchangeEvent.Restored(e.Id, made, vm.SavedFrom, host.CanRestorePaused);
        }
        catch (DisposableException failed) when (vm is null)
        {
            using var bounded = new CancellationTokenSource(DestroyLimit);
            if (failed.Left is { } begun) await host.DestroyAsync(begun, bounded.Token).ConfigureAwait(false);
            records.EndRestore();    // nothing of it is left
            if (failed.LacksMemory) return new ExchangeEvent.MemoryRefused(e.Id, failed.Message);
            throw;
        }
        catch (Exception failed) when (vm is not null && failed is XenstoreException or XenstoreConnectionException or OperationCanceledException)
        {
            // It was made, and nobody will hear of it. One that is not as it was reported is left alone: it may be somebody's.
            using var bounded = new CancellationTokenSource(DestroyLimit);
            await host.DestroyAsync(vm!.Domid, bounded.Token).ConfigureAwait(false);
            records.EndRestore();
            throw;
        }
    }

    /// <summary>
    /// A VM that an earlier run restored and had no time to write down: that a restore had begun was written down, and the command has
    /// reported since. It has been given nothing.
    /// </summary>
    public async Task<Party?> FindUnrecordedAsync(CancellationToken cancel)
    {
        if (!records.IsRestoring || host.Reported() is not { } reported) return null;
        try
        {
            var vm = await IdentifyAsync(reported, cancel).ConfigureAwait(false);
            return records.Has(vm.Identity) || vm.Identity == handedOver ? null : vm;
        }
        catch (DisposableException)
        {
            return null;    // it has ended
        }
    }

    /// <summary>
    /// A restore command that an earlier run had begun may have outlived it. The VM that it reports yet has been given nothing, and ends. No restore of
    /// this run begins before, or before nothing of that command runs any more, or the time that one may take is over.
    /// </summary>
    /// <param name="limit">That time; it began when the mark was made.</param>
    /// <param name="ends">Told of the VM.</param>
    public void AwaitEarlier(TimeSpan limit, Action<Party> ends) => earlier = records.IsRestoring ? EndEarlierAsync(limit, ends, stop.Token) : Task.CompletedTask;

    private async Task EndEarlierAsync(TimeSpan limit, Action<Party> ends, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var left = limit - (DateTime.UtcNow - records.RestoringSince);
        limited.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left > limit ? limit : left);    // the clock may have been set
        try
        {
            var first = await Task.WhenAny(GoneAsync(limited.Token), host.ReportedAsync(limited.Token)).ConfigureAwait(false);
            await limited.CancelAsync().ConfigureAwait(false);    // the other one
            await first.ConfigureAwait(false);
            if (await FindUnrecordedAsync(cancel).ConfigureAwait(false) is { } vm)
            {
                ends(vm);
                await host.DestroyAsync(vm.Domid, cancel).ConfigureAwait(false);
            }

            records.EndRestore();
        }
        catch (OperationCanceledException)
        {
            // It did not report within its time: so it has made nothing, or was ended itself.
        }
        catch (Exception e) when (e is DisposableException or XenstoreException or XenstoreConnectionException or IOException or UnauthorizedAccessException)
        {
            // The mark is still there: the next restore tries again, or the next start.
        }
    }

    /// <summary>A mark of an earlier version says nothing: its command may run.</summary>
    private Task GoneAsync(CancellationToken cancel) =>
        records.RestoreMark is { Length: > 0 } mark ? host.GoneAsync(mark, cancel) : Task.Delay(Timeout.Infinite, cancel);

    /// <summary>The domain as xenstore has it, which must agree with what the restore reported: the report is one file that others could have left.</summary>
    private async Task<Party> IdentifyAsync(RestoredVm vm, CancellationToken cancel)
    {
        var home = XsPath.Home(vm.Domid);
        var name = await store.TryReadTextAsync(home / "name", cancel).ConfigureAwait(false);
        var path = await store.TryReadTextAsync(home / "vm", cancel).ConfigureAwait(false);
        if (vm.Domid == Domid.Zero || name != vm.Name.ToString() || path is null || !ExchangeRules.IsDvmName(vm.Name))
            throw new DisposableException($"the restore reported domain {vm.Domid} named {vm.Name}, but xenstore does not have it so");
        return new(new(vm.Domid, path[(path.LastIndexOf('/') + 1)..]), vm.Name);
    }

    private ExchangeEvent.Recorded Write(ExchangeCommand.RecordDvm e)
    {
        records.Write(e.Text, fileOf);
        if (!e.Text.Used) records.EndRestore();    // its first record
        return new ExchangeEvent.Recorded(e.Id);
    }

    private ExchangeEvent? Forget(ExchangeCommand.ForgetDvm e)
    {
        records.Delete(e.Vm);
        return null;
    }

    private async Task<ExchangeEvent?> UnpauseAsync(ExchangeCommand.Unpause e, CancellationToken cancel)
    {
        await host.UnpauseAsync(e.Vm.Domid, cancel).ConfigureAwait(false);
        return new ExchangeEvent.Unpaused(e.Id);
    }

    private async Task<ExchangeEvent?> EnterAsync(ExchangeCommand.EnterDvm e, CancellationToken cancel)
    {
        var label = await database.LabelOfAsync(e.For, cancel).ConfigureAwait(false);
        await database.AddDisposableAsync(e.Name, e.SavedFrom, label, cancel).ConfigureAwait(false);
        return new ExchangeEvent.Entered(e.Id);
    }

    private async Task<ExchangeEvent?> RemoveAsync(ExchangeCommand.RemoveEntry e, CancellationToken cancel)
    {
        await database.RemoveDisposableAsync(e.Name, cancel).ConfigureAwait(false);
        return new ExchangeEvent.EntryRemoved(e.Id);
    }

    /// <summary>Another domain under the same number by now is left alone.</summary>
    private async Task<ExchangeEvent?> DestroyAsync(DomainIdentity vm, ExchangeEvent? outcome, CancellationToken cancel)
    {
        var still = await store.TransactAsync((tx, ct) => QpenNode.IsStillAsync(tx, vm, ct), cancel).ConfigureAwait(false);
        if (still) await host.DestroyAsync(vm.Domid, cancel).ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Dead is who is not there although domain 0 is: a store that is lost or empty is no death of anybody.</summary>
    private Task<VmLabel> LabelAsync(VmName? vm, CancellationToken cancel) =>
        vm is { } name ? database.LabelOfAsync(name, cancel) : Task.FromResult(VmLabel.Red);
}
