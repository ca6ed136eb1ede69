using System.Buffers.Binary;
using System.Reactive.Linq;
using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>A file opened in a disposable VM and sent back, by guests of 2010: they write requests and disks, and read no status.</summary>
public class DisposableTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_file_goes_out_comes_back_changed_and_nothing_is_left(bool real, bool umountIsLost)
    {
        await using var host = await Host.StartAsync(real);
        var (work, _) = await host.CreateAsync("work");
        await using var app = await Guest2010.StartAsync(host, work);

        await app.AskAsync("new");
        await app.WriteAsync(Vdev.Xvdg, "letter.txt", "before");
        await app.AskAsync("send disposable 7");
        var disposable = await host.Restored.FirstAsync().RunAsync(Cancel);
        await using var dvm = await Guest2010.StartAsync(host, disposable);

        Assert.Equal(("letter.txt", "before"), await dvm.ReadAsync(Vdev.Xvdh));
        Assert.Equal(("work", "7"), await dvm.SourceAsync());
        Assert.Equal("0x5fa05e", Assert.Single(host.Database.Entries).Value.Label.Colour);
        if (!umountIsLost) await dvm.AskAsync("umount");
        await dvm.AskAsync("new");
        await dvm.WriteAsync(Vdev.Xvdg, "letter.txt", "after");
        await dvm.AskAsync("send work 7");

        Assert.Equal(("letter.txt", "after"), await app.ReadAsync(Vdev.Xvdh));
        Assert.Equal((disposable.Name, "7"), await app.SourceAsync());
        await app.AskAsync("umount");
        await IsForgottenAsync(host);

        Assert.Null(await host.Dom0.TryReadAsync(XsPath.Home(disposable.Domid), Cancel));
        Assert.Equal((0, 1), (host.Database.Entries.Count, host.Database.Added));
        Assert.Empty(host.Spool);
    }

    [Fact]
    public async Task A_restart_of_the_daemon_while_it_is_at_work_loses_no_reply()
    {
        await using var host = await Host.EmbeddedAsync();
        var (work, _) = await host.CreateAsync("work");
        await using var app = await Guest2010.StartAsync(host, work);
        await app.AskAsync("new");
        await app.WriteAsync(Vdev.Xvdg, "letter.txt", "before");
        await app.AskAsync("send disposable 7");
        var disposable = await host.Restored.FirstAsync().RunAsync(Cancel);
        await using (var dvm = await Guest2010.StartAsync(host, disposable)) await dvm.ReadAsync(Vdev.Xvdh);

        await host.RestartAsync();
        await using var again = await Guest2010.StartAsync(host, disposable);
        await host.HappensAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared p } && p.From.Domid == work.Domid);
        await again.AskAsync("new");
        await again.WriteAsync(Vdev.Xvdg, "letter.txt", "after");
        await again.AskAsync("send work 7");

        Assert.Equal(("letter.txt", "after"), await app.ReadAsync(Vdev.Xvdh));
        await app.AskAsync("umount");
        await IsForgottenAsync(host);
        Assert.Empty(host.Spool);
        Assert.Empty(host.Database.Entries);
    }

    [Fact]
    public async Task Killme_ends_it_and_its_entry_goes()
    {
        await using var host = await Host.EmbeddedAsync();
        var (work, _) = await host.CreateAsync("work");
        await using var app = await Guest2010.StartAsync(host, work);
        await app.AskAsync("new");
        await app.WriteAsync(Vdev.Xvdg, "letter.txt", "before");
        await app.AskAsync("send disposable 7");
        var disposable = await host.Restored.FirstAsync().RunAsync(Cancel);
        await using var dvm = await Guest2010.StartAsync(host, disposable);
        await dvm.ReadAsync(Vdev.Xvdh);
        await dvm.AskAsync("killme");

        await IsForgottenAsync(host);
        Assert.Empty(host.Database.Entries);
        Assert.Null(await host.Dom0.TryReadAsync(XsPath.Home(disposable.Domid), Cancel));
    }

    /// <summary>Nothing of it is left.</summary>
    private static async Task IsForgottenAsync(Host host)
    {
        await host.UntilAsync(step => step.Commands.OfType<ExchangeCommand.ForgetDvm>().Any());
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted or ExchangeEvent.EntryRemoved && step.State.Pendrives.IsEmpty && step.State.Dvms.IsEmpty);
    }

    /// <summary>Speaks through its domain's own connection, as xenstore-write in the guest does.</summary>
    private sealed class Guest2010(Host host, SimulatedDomain domain, XsClient store) : IAsyncDisposable
    {
        private const int Header = 1024;

        public static async Task<Guest2010> StartAsync(Host host, SimulatedDomain domain)
        {
            await host.HappensAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared p } && p.From.Domid == domain.Domid);
            return new(host, domain, await XsClient.ConnectAsync(XsEndpoint.Socket(host.SocketOf(domain)), Cancel));
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();

        public async Task AskAsync(string request) =>
            await store.WriteTextAsync(XsPath.Home(domain.Domid) / "device/qpen", request, Cancel);

        public async Task<(string? From, string? Seq)> SourceAsync() => (
            await store.TryReadTextAsync(XsPath.Home(domain.Domid) / "qubes_blocksrc", Cancel),
            await store.TryReadTextAsync(XsPath.Home(domain.Domid) / "qubes_transaction_seq", Cancel));

        public async Task WriteAsync(Vdev vdev, string name, string text)
        {
            using var disk = new FileStream(await DiskAsync(vdev), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            var header = new byte[Header];
            BinaryPrimitives.WriteInt64LittleEndian(header, text.Length);
            Encoding.UTF8.GetBytes(name, header.AsSpan(8));
            disk.Write(header);
            disk.Write(Encoding.UTF8.GetBytes(text));
            disk.Flush(flushToDisk: true);
        }

        public async Task<(string Name, string Text)> ReadAsync(Vdev vdev)
        {
            using var disk = new FileStream(await DiskAsync(vdev), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var header = new byte[Header];
            disk.ReadExactly(header);
            var text = new byte[BinaryPrimitives.ReadInt64LittleEndian(header)];
            disk.ReadExactly(text);
            return (Encoding.UTF8.GetString(header.AsSpan(8)).TrimEnd('\0'), Encoding.UTF8.GetString(text));
        }

        /// <summary>Waits until the disk has come.</summary>
        private async Task<string> DiskAsync(Vdev vdev)
        {
            await host.UntilAsync(step => step.Cause is ExchangeEvent.Attached e && step.State.Pendrives.TryGetValue(e.Id, out var p)
                && p.Slot is { } slot && slot.Vm.Domid == domain.Domid && slot.Vdev == vdev);
            return Path.Combine(host.DevicesOf(domain), vdev.Name);
        }
    }
}
