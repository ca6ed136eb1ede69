using System.Globalization;
using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Disposables;
using Qfx.Daemon.Images;
using Qfx.Daemon.Logging;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Runner;

/// <summary>The edge: carries out what the rules want done, one method a command. Every outcome, good or bad, is an event.</summary>
internal sealed partial class Effects(
    IXenstore store, IBlockDevices devices, ImageStore images, IDialogs dialogs, TimeProvider time, ILogger<Effects> log, DvmEffects? dvms = null)
{
    /// <summary>Does one effect: see <see cref="Streams.Lanes.LaneRunner.RunInLanes"/>.</summary>
    /// <remarks>On the pool's threads: a file or a journald that takes its time holds up neither the rules nor who reads a connection.</remarks>
    public IObservable<ExchangeEvent> Execute(ExchangeCommand.Effect effect, CancellationToken cancel)
    {
        switch (effect)
        {
            case ExchangeCommand.Record record:
                return Observable.FromAsync(() => Task.Run(() => Write(record.Report), CancellationToken.None))
                    .SelectMany(_ => Observable.Empty<ExchangeEvent>());
            case ExchangeCommand.Audit audit:
                return Observable.FromAsync(() => Task.Run(() => Write(audit.What), CancellationToken.None))
                    .SelectMany(_ => Observable.Empty<ExchangeEvent>());
            case ExchangeCommand.Ask ask:
                return Observable.Create<ExchangeEvent>(async observer =>
                {
                    var outcome = await Task.Run(() => TimedAsync(ask, () => AskAsync(ask, observer.OnNext, cancel)), CancellationToken.None).ConfigureAwait(false);
                    if (outcome is not null) observer.OnNext(outcome);
                });
            default:
                return Observable.FromAsync(() => Task.Run(() => TimedAsync(effect, () => DoAsync(effect, cancel)), CancellationToken.None)).OfType<ExchangeEvent>();
        }
    }

    private Task<ExchangeEvent?> DoAsync(ExchangeCommand.Effect effect, CancellationToken cancel) => effect switch
    {
        ExchangeCommand.Make make => Task.FromResult<ExchangeEvent?>(Make(make)),
        ExchangeCommand.Attach attach => AttachAsync(attach, cancel),
        ExchangeCommand.Detach detach => DetachAsync(detach, cancel),
        ExchangeCommand.DropDeadDisk drop => DropDeadAsync(drop, cancel),
        ExchangeCommand.Announce announce => AnnounceAsync(announce, cancel),
        ExchangeCommand.Delete delete => Task.FromResult<ExchangeEvent?>(Delete(delete)),
        ExchangeCommand.WriteStatus write => WriteStatusAsync(write, cancel),
        ExchangeCommand.ProveDeath prove => ProveDeathAsync(prove.Domain, cancel),
        _ when DvmEffects.Does(effect) && dvms is not null => dvms.DoAsync(effect, cancel),
        ExchangeCommand.Notify notice => NotifyAsync(notice, cancel),
        _ => throw new System.Diagnostics.UnreachableException($"no deed for {effect.GetType().Name}"),
    };

    /// <summary>Logs how long it took. An effect that was called off has no outcome of its own.</summary>
    private async Task<ExchangeEvent?> TimedAsync(ExchangeCommand.Effect effect, Func<Task<ExchangeEvent?>> deed)
    {
        if (!log.IsEnabled(LogLevel.Debug)) return await CancellableAsync(effect, deed).ConfigureAwait(false);
        log.EffectBegun(effect.ToString());
        var start = time.GetTimestamp();
        var outcome = await CancellableAsync(effect, deed).ConfigureAwait(false);
        log.EffectEnded(effect.GetType().Name, outcome?.ToString() ?? "no outcome", (long)time.GetElapsedTime(start).TotalMilliseconds);
        return outcome;
    }

    /// <summary>What the host's files refuse, wherever that is, fails this one effect and not the daemon.</summary>
    private static async Task<ExchangeEvent?> CancellableAsync(ExchangeCommand.Effect effect, Func<Task<ExchangeEvent?>> deed)
    {
        try
        {
            return await deed().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return effect.Fail(new(StatusCode.Failed, e.Message));
        }
    }

    private ExchangeEvent Make(ExchangeCommand.Make make)
    {
        try
        {
            Share?.Check(make.Sender, make.MiB);
            images.Create(FileOf(make.Id), make.MiB, make.LabelOf is { } name ? PendriveLabel.Of(name) : null);
            new PendriveRecord(make.Sender, make.LabelOf is null, AllocatedSize.Of(images.PathOf(FileOf(make.Id))) ?? 0, null).Write(images.PathOf(FileOf(make.Id)));
            return new ExchangeEvent.Made(make.Id);
        }
        catch (ImageException e)
        {
            return new ExchangeEvent.MakeFailed(make.Id, new(e.NoSpace ? StatusCode.NoSpace : StatusCode.Failed, e.Message));
        }
    }

    private async Task<ExchangeEvent?> AttachAsync(ExchangeCommand.Attach attach, CancellationToken cancel)
    {
        if (attach.At.Vdev == Vdev.Xvdg) WriteDown(attach.Id, null);    // blank, or back at its sender: whoever was to have it has not
        try
        {
            await devices.AttachAsync(attach.At.Vm.Domid, attach.At.Vm.Uuid, attach.At.Vdev, images.PathOf(FileOf(attach.Id)), cancel)
                .ConfigureAwait(false);
            return new ExchangeEvent.Attached(attach.Id);
        }
        catch (BlockDeviceException e)
        {
            return new ExchangeEvent.AttachFailed(attach.Id, FailureOf(e), e.Exposed);
        }
        catch (IOException e) when (e is XenstoreException or XenstoreConnectionException)
        {
            return new ExchangeEvent.AttachFailed(attach.Id, new(StatusCode.Failed, e.Message), Exposed: true);
        }
    }

    private async Task<ExchangeEvent?> DetachAsync(ExchangeCommand.Detach detach, CancellationToken cancel)
    {
        if (!WriteDown(detach.Id, detach.Approved)) return new ExchangeEvent.DetachFailed(detach.Id, new(StatusCode.Failed, "who may have it could not be written down"));
        try
        {
            await devices.DetachAsync(detach.At.Vm.Domid, detach.At.Vdev, images.PathOf(FileOf(detach.Id)), detach.HolderDead, cancel)
                .ConfigureAwait(false);
            return new ExchangeEvent.Detached(detach.Id, WrittenOn(detach.Id));
        }
        catch (Exception e) when (e is BlockDeviceException or XenstoreException or XenstoreConnectionException)
        {
            WriteDown(detach.Id, null);
            return new ExchangeEvent.DetachFailed(detach.Id, e is BlockDeviceException fault ? FailureOf(fault) : new(StatusCode.Failed, e.Message));
        }
        catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
        {
            // Its VM did not let go in time and is told to start again: nobody may have this one, not even after a restart. A daemon that ends goes on with it later.
            WriteDown(detach.Id, null);
            throw;
        }
    }

    private async Task<ExchangeEvent?> DropDeadAsync(ExchangeCommand.DropDeadDisk drop, CancellationToken cancel)
    {
        try
        {
            await devices.DropDeadAsync(drop.At.Vm.Domid, drop.At.Vm.Uuid, drop.At.Vdev, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is XenstoreException or XenstoreConnectionException)
        {
            // Without it the next pendrive is not seen there, which its attach finds out; its end removes the dead disk too.
            log.DeadDiskKept(drop.At.Vm.Domid.Value, drop.At.Vdev.Name, e.Message);
        }

        return null;
    }

    /// <summary>
    /// Who may have it from now on. What cannot be written down is done all the same: then a restart ends it. But not where a record stays that says that somebody
    /// else may.
    /// </summary>
    private bool WriteDown(PendriveId id, Approval? approved)
    {
        var image = images.PathOf(FileOf(id));
        if (PendriveRecord.Read(image) is not { } record || record.Approved == approved) return true;
        try
        {
            (record with { Approved = approved }).Write(image);
            return true;
        }
        catch (ImageException e)
        {
            log.NotWrittenDown(id.ToString(), e.Message);
            return PendriveRecord.Read(image)?.Approved is null;
        }
    }

    private async Task<ExchangeEvent?> AnnounceAsync(ExchangeCommand.Announce announce, CancellationToken cancel)
    {
        try
        {
            var home = XsPath.Home(announce.To.Domid);
            var line = await store.ForAsync(announce.To.Domid, cancel).ConfigureAwait(false);
            var (still, written) = await line.TransactAsync(
                async (tx, ct) =>
                {
                    if (!await QpenNode.IsStillAsync(tx, announce.To, ct).ConfigureAwait(false)) return (false, Task.CompletedTask);
                    return (true, Task.WhenAll(    // the commit leaves right behind them
                        WriteKeyAsync(tx, announce.To.Domid, home / "qubes_blocksrc", announce.From.ToString()),
                        WriteKeyAsync(tx, announce.To.Domid, home / "qubes_transaction_seq", announce.Seq.ToString(CultureInfo.InvariantCulture)),
                        WriteKeyAsync(tx, announce.To.Domid, home / "qubes_pen_kind", announce.Kind)));
                },
                cancel).ConfigureAwait(false);
            await written.ConfigureAwait(false);
            return still
                ? new ExchangeEvent.Announced(announce.Id)
                : new ExchangeEvent.AnnounceFailed(announce.Id, new(StatusCode.Failed, "the receiver is another domain by now"));
        }
        catch (IOException e) when (e is XenstoreException or XenstoreConnectionException)
        {
            return new ExchangeEvent.AnnounceFailed(announce.Id, new(StatusCode.Failed, e.Message));
        }
    }

    private ExchangeEvent Delete(ExchangeCommand.Delete delete)
    {
        try
        {
            images.Delete(FileOf(delete.Id));
            return new ExchangeEvent.Deleted(delete.Id);
        }
        catch (ImageException e)
        {
            return new ExchangeEvent.DeleteFailed(delete.Id, new(StatusCode.Failed, e.Message));
        }
    }

    private async Task<ExchangeEvent?> WriteStatusAsync(ExchangeCommand.WriteStatus write, CancellationToken cancel)
    {
        try
        {
            var line = await store.ForAsync(write.To.Domid, cancel).ConfigureAwait(false);
            var (told, written) = await line.TransactAsync(
                async (tx, ct) => await QpenNode.IsStillAsync(tx, write.To, ct).ConfigureAwait(false)
                    ? (true, tx.WriteAsync(QpenNode.StatusOf(write.To.Domid), write.Status.Encode(), CancellationToken.None))    // the commit leaves right behind it
                    : (false, Task.CompletedTask),
                cancel).ConfigureAwait(false);
            await written.ConfigureAwait(false);
            if (told) Notes.Said(write.To, write.Status.N);
        }
        catch (IOException e) when (e is XenstoreException or XenstoreConnectionException)
        {
            log.StatusNotWritten(write.To.Domid.Value, e.Message);
        }

        return null;
    }

    private static Task WriteKeyAsync(IXsOperations tx, Domid owner, XsPath key, string value) => Task.WhenAll(
        tx.WriteTextAsync(key, value, CancellationToken.None), tx.SetPermissionsAsync(key, XsPermissions.GuestReads(owner), CancellationToken.None));

    private void Write(Report report)
    {
        var vm = report.Name?.ToString() ?? "?";
        var pendrive = report.Pendrive?.ToString() ?? "";
        var to = report.To is { } name ? $"-> {name}" : "";
        switch (report.Kind)
        {
            case ReportKind.Done:
                log.Done(vm, report.About.Domid.Value, pendrive, to, report.Code.Word(), report.Text);
                break;
            case ReportKind.Refused:
                log.Refused(vm, report.About.Domid.Value, pendrive, to, report.Code.Word(), report.Text);
                break;
            default:
                log.Trouble(vm, report.About.Domid.Value, pendrive, to, report.Code.Word(), report.Text);
                break;
        }
    }

    private static Failure FailureOf(BlockDeviceException e) =>
        new(e.Fault == BlockDeviceFault.SlotInUse ? StatusCode.SlotInUse : StatusCode.Failed, e.Message);

    internal static string FileOf(PendriveId id) => string.Create(CultureInfo.InvariantCulture, $"{id.Value}.img");
}
