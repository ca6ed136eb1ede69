using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Images;
using Qfx.Daemon.Runner;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Runner;

/// <summary>Each command, carried out: what it leaves in xenstore and in the spool, and the event that it comes back as.</summary>
public sealed class EffectsTests : IAsyncDisposable
{
    private const string Uuid = "11111111-2222-3333-4444-555555555555";
    private static readonly DomainIdentity Work = new(new Domid(5), Uuid);
    private static readonly DomainIdentity Earlier = new(new Domid(5), "99999999-2222-3333-4444-555555555555");
    private static readonly PendriveId Pen = new(1);

    private readonly TempFolder folder = new();
    private readonly CoreStore store = new(CoreStore.NewCore(), Domid.Zero);
    private readonly FakeDisks disks = new();
    private readonly ImageStore images;
    private readonly Effects effects;

    public EffectsTests()
    {
        store.WriteTextAsync(XsPath.Home(Work.Domid) / "vm", $"/vm/{Uuid}");
        images = ImageStore.Open(folder["spool"]);
        effects = new(store, disks, images, new YesDialogs(), TimeProvider.System, NullLogger<Effects>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static XsPath Home => XsPath.Home(Work.Domid);

    public async ValueTask DisposeAsync()
    {
        images.Dispose();
        await store.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_status_is_written_for_the_guest_to_read()
    {
        await store.WriteTextAsync(QpenNode.StatusOf(Work.Domid), "0 ready", Cancel);
        Assert.Empty(await DoAsync(new ExchangeCommand.WriteStatus(Work, new(3, StatusCode.Attached, "xvdg"), null)));
        Assert.Equal("3 attached xvdg", await store.ReadTextAsync(QpenNode.StatusOf(Work.Domid), Cancel));
    }

    [Fact]
    public async Task A_status_for_an_earlier_life_is_not_written_and_makes_no_path_again()
    {
        await DoAsync(new ExchangeCommand.WriteStatus(Earlier, new(3, StatusCode.Attached, "xvdg"), null));
        var dead = new DomainIdentity(new Domid(9), Uuid);
        await DoAsync(new ExchangeCommand.WriteStatus(dead, new(3, StatusCode.Attached, "xvdg"), null));

        Assert.Null(await store.TryReadAsync(QpenNode.StatusOf(Work.Domid), Cancel));
        Assert.Null(await store.TryReadAsync(XsPath.Home(dead.Domid), Cancel));
    }

    [Fact]
    public async Task The_receiver_is_told_from_whom_it_comes_and_may_read_that()
    {
        var outcome = await DoAsync(new ExchangeCommand.Announce(Pen, Work, Name("personal"), 0, "vfat", null));

        Assert.Equal([new ExchangeEvent.Announced(Pen)], outcome);
        Assert.Equal("personal", await store.ReadTextAsync(Home / "qubes_blocksrc", Cancel));
        Assert.Equal("0", await store.ReadTextAsync(Home / "qubes_transaction_seq", Cancel));
        Assert.Equal(XsPermissions.GuestReads(Work.Domid), await store.GetPermissionsAsync(Home / "qubes_blocksrc", Cancel));
    }

    [Fact]
    public async Task To_another_domain_under_the_same_number_nothing_is_told()
    {
        var outcome = await DoAsync(new ExchangeCommand.Announce(Pen, Earlier, Name("personal"), 0, "vfat", null));

        Assert.IsType<ExchangeEvent.AnnounceFailed>(Assert.Single(outcome));
        Assert.Null(await store.TryReadAsync(Home / "qubes_blocksrc", Cancel));
    }

    [Fact]
    public async Task An_image_is_made_and_deleted()
    {
        Assert.Equal([new ExchangeEvent.Made(Pen)], await DoAsync(new ExchangeCommand.Make(Pen, Name("work"), 1024, null)));
        Assert.Single(Directory.GetFiles(folder["spool"], "*.img"));
        Assert.Equal([new ExchangeEvent.Deleted(Pen)], await DoAsync(new ExchangeCommand.Delete(Pen, null)));
        Assert.Empty(Directory.GetFiles(folder["spool"], "*.img"));
    }

    [Fact]
    public async Task An_image_that_is_there_is_never_made_again()
    {
        await DoAsync(new ExchangeCommand.Make(Pen, null, 16, null));
        var failed = Assert.IsType<ExchangeEvent.MakeFailed>(Assert.Single(await DoAsync(new ExchangeCommand.Make(Pen, null, 16, null))));
        Assert.Equal(StatusCode.Failed, failed.Failure.Code);
    }

    [Theory]
    [InlineData(BlockDeviceFault.SlotInUse, StatusCode.SlotInUse)]
    [InlineData(BlockDeviceFault.NoDomain, StatusCode.Failed)]
    [InlineData(BlockDeviceFault.Failed, StatusCode.Failed)]
    public async Task A_disk_that_cannot_be_attached_or_detached_fails_with_its_reason(BlockDeviceFault fault, StatusCode code)
    {
        disks.Error = new BlockDeviceException(fault, "why", exposed: true);
        var slot = new Slot(Work, Vdev.Xvdg);

        Assert.Equal([new ExchangeEvent.AttachFailed(Pen, new(code, "why"), true)], await DoAsync(new ExchangeCommand.Attach(Pen, slot, null)));
        Assert.Equal([new ExchangeEvent.DetachFailed(Pen, new(code, "why"))], await DoAsync(new ExchangeCommand.Detach(Pen, slot, false, null)));
    }

    [Fact]
    public async Task A_store_that_refuses_is_a_failure_and_the_disk_may_be_there()
    {
        disks.Error = new XenstoreException(Qfx.Xen.Wire.XsType.Write, "/x", XsError.ENOSPC);
        var outcome = await DoAsync(new ExchangeCommand.Attach(Pen, new(Work, Vdev.Xvdg), null));

        Assert.True(Assert.IsType<ExchangeEvent.AttachFailed>(Assert.Single(outcome)).Exposed);
    }

    [Fact]
    public async Task Who_may_have_a_pendrive_is_written_down_before_it_is_detached_and_taken_back_before_any_other_detach()
    {
        await DoAsync(new ExchangeCommand.Make(Pen, null, 64, null) { Sender = Work });
        var image = Directory.GetFiles(folder["spool"], "*.img").Single();
        Assert.Equal(Work, PendriveRecord.Read(image)!.Sender);
        var approval = new Approval(3, new(Work, Name("work")), new(new(new(9), "uuid-9"), Name("personal")), 4096);
        disks.Detaching = () => Assert.Equal(approval, PendriveRecord.Read(image)!.Approved);

        await DoAsync(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null) { Approved = approval });
        Assert.Equal(approval, PendriveRecord.Read(image)!.Approved);
        disks.Detaching = () => Assert.Null(PendriveRecord.Read(image)!.Approved);

        await DoAsync(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null));
        Assert.Null(PendriveRecord.Read(image)!.Approved);

        await DoAsync(new ExchangeCommand.Delete(Pen, null));
        Assert.Empty(Directory.GetFiles(folder["spool"], "*.img*"));
    }

    [Theory]
    [InlineData(true, false, true)]     // it did not let go in time: the sender is told to start again
    [InlineData(false, false, true)]    // it could not be detached
    [InlineData(true, true, false)]     // the daemon ends, and goes on with it later
    public async Task Who_was_to_have_what_did_not_leave_its_sender_may_not_have_it_later_either(bool calledOff, bool stopping, bool forgotten)
    {
        using var stop = new CancellationTokenSource();
        using var limit = new CancellationTokenSource();
        var those = new Effects(store, disks, images, new YesDialogs(), TimeProvider.System, NullLogger<Effects>.Instance) { Stopping = stop.Token };
        await DoAsync(new ExchangeCommand.Make(Pen, null, 64, null) { Sender = Work });
        var approval = new Approval(3, new(Work, Name("work")), new(new(new(9), "uuid-9"), Name("personal")), 4096);
        disks.Error = calledOff ? new OperationCanceledException() : new BlockDeviceException(BlockDeviceFault.Failed, "why");
        if (stopping) await stop.CancelAsync();

        await those.Execute(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null) { Approved = approval }, limit.Token).ToList();

        var record = PendriveRecord.Read(Directory.GetFiles(folder["spool"], "*.img").Single())!;
        Assert.Equal(forgotten ? null : approval, record.Approved);
    }

    [Fact]
    public async Task What_is_back_at_its_sender_is_nobody_elses()
    {
        await DoAsync(new ExchangeCommand.Make(Pen, null, 64, null) { Sender = Work });
        var approval = new Approval(3, new(Work, Name("work")), new(new(new(9), "uuid-9"), Name("personal")), 4096);
        await DoAsync(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null) { Approved = approval });

        await DoAsync(new ExchangeCommand.Attach(Pen, new(Work, Vdev.Xvdg), null));

        Assert.Null(PendriveRecord.Read(Directory.GetFiles(folder["spool"], "*.img").Single())!.Approved);
    }

    [Fact]
    public async Task What_the_hosts_files_refuse_fails_the_effect_and_not_the_daemon()
    {
        disks.Error = new IOException("no inotify instance is left");

        Assert.Equal([new ExchangeEvent.DetachFailed(Pen, new(StatusCode.Failed, "no inotify instance is left"))],
            await DoAsync(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null)));
    }

    [Theory]
    [InlineData(null, "u", true, null)]
    [InlineData("/vm/uuid-1", "uuid-1", true, false)]
    [InlineData("/vm/uuid-2", "uuid-1", true, true)]
    [InlineData(null, "uuid-1", false, null)]
    public async Task A_domain_is_dead_when_another_has_its_number_or_a_whole_store_has_none(string? vm, string uuid, bool whole, bool? dead)
    {
        var domain = new DomainIdentity(new(77), uuid);
        if (whole) await store.WriteTextAsync(XsPath.Home(Domid.Zero) / "name", "Domain-0", Cancel);
        else await store.RemoveAsync(XsPath.Home(Domid.Zero), Cancel);
        if (vm is not null) await store.WriteTextAsync(XsPath.Home(domain.Domid) / "vm", vm, Cancel);

        var outcome = await DoAsync(new ExchangeCommand.ProveDeath(domain, null));

        ExchangeEvent[] expected = dead ?? whole ? [new ExchangeEvent.FoundDead(domain)] : [];
        Assert.Equal(expected, outcome);
    }

    [Fact]
    public async Task How_much_was_written_is_told_with_the_question_and_with_the_detach()
    {
        await DoAsync(new ExchangeCommand.Make(Pen, Name("work"), 64, null) { Sender = Work });
        var ask = new ExchangeCommand.Ask(new(2), Name("work"), Name("personal"), false) { Pendrive = Pen };
        Assert.Equal(0, ((ExchangeEvent.QuestionShown)(await DoAsync(ask))[0]).Written);
        await using (var image = File.OpenWrite(Directory.GetFiles(folder["spool"], "*.img").Single()))
        {
            image.Position = 32 << 20;
            await image.WriteAsync(new byte[3 << 20], Cancel);
            image.Flush(flushToDisk: true);
        }

        Assert.Equal(3 << 20, ((ExchangeEvent.QuestionShown)(await DoAsync(ask))[0]).Written);
        Assert.Equal([new ExchangeEvent.Detached(Pen, 3 << 20)], await DoAsync(new ExchangeCommand.Detach(Pen, new(Work, Vdev.Xvdg), false, null)));
    }

    [Fact]
    public async Task A_question_is_shown_and_answered() => Assert.Equal(
        [new ExchangeEvent.QuestionShown(new(2)), new ExchangeEvent.Answered(new(2), true)],
        await DoAsync(new ExchangeCommand.Ask(new(2), Name("work"), Name("personal"), false)));

    private async Task<IList<ExchangeEvent>> DoAsync(ExchangeCommand.Effect effect) =>
        await effects.Execute(effect, Cancel).ToList().ToTask(Cancel);

    private static VmName Name(string name) => VmName.TryParse(name, out var parsed) ? parsed : throw new FormatException(name);

    private sealed class FakeDisks : IBlockDevices
    {
        public Exception? Error { get; set; }

        public Action? Detaching { get; set; }

        public Task AttachAsync(Domid domid, string uuid, Vdev vdev, string file, CancellationToken cancel) =>
            Error is null ? Task.CompletedTask : Task.FromException(Error);

        public Task DropDeadAsync(Domid domid, string uuid, Vdev vdev, CancellationToken cancel) => Error is null ? Task.CompletedTask : Task.FromException(Error);

        public Task DetachAsync(Domid domid, Vdev vdev, string file, bool dead, CancellationToken cancel)
        {
            Detaching?.Invoke();
            return Error is null ? Task.CompletedTask : Task.FromException(Error);
        }
    }
}
