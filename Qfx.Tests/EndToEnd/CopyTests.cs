using System.Security.Cryptography;
using System.Text;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Dialogs;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;
using Qfx.Xen.Block;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>Real bytes over the real wire protocol, on the embedded store and on the real xenstored, where guests have a guest's rights.</summary>
public class CopyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_go_from_work_to_personal_and_nothing_is_left(bool real)
    {
        Programs.Require("mcopy");
        await using var host = await Host.StartAsync(real);
        var (workDomain, work) = await host.CreateAsync("work");
        var (personalDomain, personal) = await host.CreateAsync("personal");
        string[] files =
        [
            host.File("report.txt", "hello"u8.ToArray()),
            host.File("Grüße an Ελένη 写真.bin", RandomNumberGenerator.GetBytes(3_000_000)),
            host.File("-dash and 'quote'", []),
        ];

        var receiving = personal.ReceiveAsync(Cancel);
        var sent = await work.RunAsync("qvm-copy-to-vm", ["personal", .. files], Cancel);
        Assert.True(sent == 0, string.Join('\n', host.Said));
        Assert.Equal(0, await receiving);
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted);

        Assert.Equal(DemoFiles.Sums(files), DemoFiles.Sums(Directory.EnumerateFileSystemEntries(Path.Combine(personal.Incoming, "work"))));
        Assert.Empty(host.Spool);
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.DevicesOf(workDomain)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.DevicesOf(personalDomain)));
        Assert.Null(await host.Dom0.TryReadAsync(VbdNodes.Backend(personalDomain.Domid, Vdev.Xvdh), Cancel));
        Assert.Equal("work", await host.Dom0.ReadTextAsync(XsPath.Home(personalDomain.Domid) / "qubes_blocksrc", Cancel));
        await host.StatusAsync(workDomain, "received");
        await host.StatusAsync(personalDomain, "detached");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Debians_own_client_writes_new_in_a_domain_and_a_pendrive_appears_there(bool real)
    {
        Programs.Require("xenstore-write", "mdir", "fsck.vfat");
        await using var host = await Host.StartAsync(real);
        var (domain, _) = await host.CreateAsync("web.2026-beta_1");

        var (exit, output) = await Programs.RunAsync("xenstore-write", ["device/qpen", "new"], ("XENSTORED_PATH", host.SocketOf(domain)));

        Assert.True(exit == 0, output);
        Assert.Equal("1 attached xvdg", await host.StatusAsync(domain, "attached"));
        var device = Path.Combine(host.DevicesOf(domain), "xvdg");
        Assert.Equal(1L << 30, new FileInfo(device).ResolveLinkTarget(true) is FileInfo image ? image.Length : 0);
        var (_, listing) = await Programs.RunAsync("mdir", ["-i", device, "::"], ("MTOOLS_SKIP_CHECK", "1"));
        Assert.Contains("WEB_2026-BE", listing, StringComparison.Ordinal);
        var state = await host.Dom0.ReadTextAsync(VbdNodes.Backend(domain.Domid, Vdev.Xvdg) / "state", Cancel);
        Assert.Equal(((int)XenbusState.Connected).ToString(System.Globalization.CultureInfo.InvariantCulture), state);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_printed_with_its_reason_and_the_pendrive_goes(bool real)
    {
        Programs.Require("mcopy");
        await using var host = await Host.StartAsync(real);
        var (_, work) = await host.CreateAsync("work");

        var exit = await work.RunAsync("qvm-copy-to-vm", ["nobody", host.File("a", [1])], Cancel);

        Assert.Equal(3, exit);
        Assert.Contains(host.Said, line => line.Contains("nobody did not get the files. denied: not allowed", StringComparison.Ordinal));
        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted);
        Assert.Empty(host.Spool);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_receiver_dies_with_the_pendrive_and_nothing_is_left(bool real)
    {
        Programs.Require("mcopy");
        await using var host = await Host.StartAsync(real);
        var (workDomain, work) = await host.CreateAsync("work");
        var (personalDomain, _) = await host.CreateAsync("personal");
        Assert.Equal(0, await work.RunAsync("qvm-copy-to-vm", ["personal", host.File("a", [1])], Cancel));

        await host.DestroyAsync(personalDomain);

        await host.UntilAsync(step => step.Cause is ExchangeEvent.Deleted);
        await host.StatusAsync(workDomain, "not-received");
        Assert.Empty(host.Spool);
        Assert.Null(await host.Dom0.TryReadAsync(VbdNodes.Backend(personalDomain.Domid, Vdev.Xvdh), Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_kind_of_bad_input_gets_its_code_and_changes_nothing(bool real)
    {
        await using var host = await Host.StartAsync(real);
        var (domain, _) = await host.CreateAsync("work");
        await using var guest = await XsClient.ConnectAsync(XsEndpoint.Socket(host.SocketOf(domain)), Cancel);
        (byte[] Request, string Code)[] table =
        [
            ("   "u8.ToArray(), "bad-request"),
            (Enumerable.Repeat((byte)'x', 2048).ToArray(), "too-long"),
            ("new\0"u8.ToArray(), "not-text"),
            ([0xC3, 0x28], "not-ascii"),
            ("format"u8.ToArray(), "unknown-request"),
            ("send"u8.ToArray(), "missing-word"),
            ("cancel it"u8.ToArray(), "surplus-word"),
            ("send nobody"u8.ToArray(), "no-pendrive"),
            ("send work"u8.ToArray(), "same-vm"),
            ("send Domain-0"u8.ToArray(), "not-dom0"),
        ];

        foreach (var (request, code) in table)
        {
            // xenstored itself keeps a guest below 2,048 bytes; what is longer can only come from dom0.
            if (request.Length < 1024) await guest.WriteAsync(new XsPath("device/qpen"), request, Cancel);
            else await host.Dom0.WriteAsync(XsPath.Home(domain.Domid) / "device/qpen", request, Cancel);
            await host.StatusAsync(domain, code);
        }

        Assert.Empty(host.Spool);
        Assert.Equal(string.Empty, Encoding.ASCII.GetString(await guest.ReadAsync(new XsPath("device/qpen"), Cancel)));
        await host.UntilAsync(step => step.State.Pendrives.IsEmpty && step.State.Vms.Values.Any(vm => vm.Taken == table.Length));
    }

    [Fact]
    public async Task Two_VMs_at_the_same_time_do_not_wait_for_each_other_while_a_question_is_open()
    {
        await using var host = await Host.EmbeddedAsync(new NobodyDialogs());
        var (work, _) = await host.CreateAsync("work");
        var (personal, _) = await host.CreateAsync("personal");
        await using var one = await XsClient.ConnectAsync(XsEndpoint.Socket(host.SocketOf(work)), Cancel);
        await using var two = await XsClient.ConnectAsync(XsEndpoint.Socket(host.SocketOf(personal)), Cancel);
        await one.WriteTextAsync(new XsPath("device/qpen"), "new", Cancel);
        await host.StatusAsync(work, "attached");
        await one.WriteTextAsync(new XsPath("device/qpen"), "send personal", Cancel);
        await host.StatusAsync(work, "asking");

        await two.WriteTextAsync(new XsPath("device/qpen"), "new", Cancel);

        await host.StatusAsync(personal, "attached");
        Assert.Equal(2, host.Spool.Length);
    }
}
