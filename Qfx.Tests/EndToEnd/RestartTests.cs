using Qfx.Daemon.Images;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Xen.Block;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>The daemon ends and another one begins, while VMs have pendrives and wait for some: on the embedded store and on the real xenstored.</summary>
public class RestartTests
{
    private static readonly byte[] Work = "written by work"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_VM_has_written_stays_at_xvdg_and_goes_to_the_receiver_and_stays_there(bool real)
    {
        await using var host = await Host.StartAsync(real);
        var (workDomain, work) = await host.CreateAsync("work");
        var (personalDomain, personal) = await host.CreateAsync("personal");
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["new"], Cancel));
        await WriteAsync(host, workDomain, Work);

        await RestartAsync(host, workDomain, personalDomain);
        Assert.Equal(Work, await ReadAsync(host, workDomain, Vdev.Xvdg));
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["send", "personal"], Cancel));

        await RestartAsync(host, workDomain, personalDomain);
        Assert.Equal(Work, await ReadAsync(host, personalDomain, Vdev.Xvdh));
        Assert.Equal(0, await personal.RunAsync("qubes_penctl", ["umount", "ok"], Cancel));
        await host.StatusAsync(workDomain, "received");
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted);
        Assert.Empty(Directory.GetFiles(host.Options.Spool, "*.img*"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_waits_for_its_receiver_goes_on_waiting_and_gets_there(bool real)
    {
        await using var host = await Host.StartAsync(real);
        var (workDomain, work) = await host.CreateAsync("work");
        var (thirdDomain, third) = await host.CreateAsync("third");
        var (personalDomain, personal) = await host.CreateAsync("personal");
        Assert.Equal(0, await third.RunAsync("qubes_penctl", ["new"], Cancel));
        Assert.Equal(0, await third.RunAsync("qubes_penctl", ["send", "personal"], Cancel));
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["new"], Cancel));
        await WriteAsync(host, workDomain, Work);
        var sending = work.RunAsync("qubes_penctl", ["send", "personal"], Cancel);
        await host.StatusAsync(workDomain, "waiting");

        await RestartAsync(host, workDomain, thirdDomain, personalDomain);
        Assert.Equal(0, await personal.RunAsync("qubes_penctl", ["umount", "ok"], Cancel));
        await host.StatusAsync(thirdDomain, "received");
        Assert.Equal(0, await sending);
        Assert.Equal(Work, await ReadAsync(host, personalDomain, Vdev.Xvdh));
    }

    [Fact]
    public async Task One_that_was_approved_for_a_VM_that_is_gone_is_deleted_and_one_whose_record_is_broken_too()
    {
        await using var host = await Host.EmbeddedAsync();
        var (workDomain, work) = await host.CreateAsync("work");
        var (personalDomain, _) = await host.CreateAsync("personal");
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["new"], Cancel));
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["send", "personal"], Cancel));
        Assert.Equal(0, await work.RunAsync("qubes_penctl", ["new"], Cancel));
        await host.Dom0.WriteTextAsync(XsPath.Home(Qfx.Xen.Domains.Domid.Zero) / "name", "Domain-0", Cancel);
        var broken = Directory.GetFiles(host.Options.Spool, "*.json").Single(record => PendriveRecord.Read(record[..^PendriveRecord.Suffix.Length])!.Approved is null);
        await File.WriteAllTextAsync(broken, "{ \"Domid\": 0, \"Uuid\": \"../../etc\" }", Cancel);

        await host.RestartAsync(() => host.DestroyAsync(personalDomain));
        await host.UntilAsync(step => step.State.Recovered && step.State.Pendrives.IsEmpty);
        Assert.Empty(Directory.GetFiles(host.Options.Spool, "*.img*"));
        Assert.Null(await host.Dom0.TryReadAsync(VbdNodes.Backend(workDomain.Domid, Vdev.Xvdg), Cancel));
    }

    private static async Task RestartAsync(Host host, params SimulatedDomain[] domains)
    {
        await host.RestartAsync();
        foreach (var domain in domains)
            await host.HappensAsync(e => e is ExchangeEvent.Qpen { What: QpenEvent.Prepared p } && p.From.Domid == domain.Domid);
    }

    private static async Task WriteAsync(Host host, SimulatedDomain domain, byte[] bytes)
    {
        await using var disk = new FileStream(Path.Combine(host.DevicesOf(domain), Vdev.Xvdg.Name), FileMode.Open, FileAccess.Write);
        disk.Position = 1 << 20;
        await disk.WriteAsync(bytes, Cancel);
    }

    private static async Task<byte[]> ReadAsync(Host host, SimulatedDomain domain, Vdev vdev)
    {
        await using var disk = new FileStream(Path.Combine(host.DevicesOf(domain), vdev.Name), FileMode.Open, FileAccess.Read);
        disk.Position = 1 << 20;
        var bytes = new byte[Work.Length];
        await disk.ReadExactlyAsync(bytes, Cancel);
        return bytes;
    }
}
