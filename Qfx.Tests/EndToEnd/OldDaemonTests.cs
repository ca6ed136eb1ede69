using System.Collections.Concurrent;
using System.Reactive.Linq;
using Qfx.Daemon.Demo;
using Qfx.Daemon.Images;
using Qfx.Tests.Guest.Copying;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.EndToEnd;

/// <summary>Today's guest programs with a daemon of 2010, which shows no status. The test plays it.</summary>
public sealed class OldDaemonTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly ConcurrentQueue<string> said = new();
    private EmbeddedXenstore server = null!;
    private XsClient dom0 = null!;
    private SimulatedVm work = null!;
    private XsPath request;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = EmbeddedXenstore.Start(folder["store"]);
        dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
        var domain = await new SimulatedToolstack(dom0, DomainLifecycle.Of(server)).CreateAsync("work", Cancel);
        request = XsPath.Home(domain.Domid) / "device/qpen";
        await dom0.WriteTextAsync(request, "", Cancel);
        await dom0.SetPermissionsAsync(request, XsPermissions.GuestWrites(domain.Domid), Cancel);
        work = new(domain, Path.Combine(AppContext.BaseDirectory, "qfx-guest"), server.SocketOf(domain.Domid), folder["devices"], folder["work"], (_, line) => said.Enqueue(line));
        Trees.Write(folder["tree"], "letter", "dear"u8.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await dom0.DisposeAsync();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_copy_is_two_writes_that_are_not_answered()
    {
        Programs.Require("mcopy", "mtype");
        var taken = new ConcurrentQueue<string>();
        using var images = ImageStore.Open(folder["spool"]);
        using var daemon = dom0.Watch(request).SelectMany(_ => Observable.FromAsync(async () =>
        {
            var words = await dom0.ReadTextAsync(request, Cancel);
            if (words.Length == 0) return;
            taken.Enqueue(words);
            await dom0.WriteTextAsync(request, "", Cancel);
            if (words != "new") return;
            images.Create("a", 1024, "WORK");
            Directory.CreateDirectory(folder["devices"]);
            File.CreateSymbolicLink(folder["devices/xvdg"], images.PathOf("a"));
        })).Subscribe();

        var exit = await work.RunAsync("qvm-copy-to-vm", ["personal", folder["tree"]], Cancel);

        Assert.True(exit == 0, string.Join('\n', said));
        await dom0.Watch(request).Where(_ => taken.Count == 2).FirstAsync().Timeout(TimeSpan.FromSeconds(30)).RunAsync(Cancel);
        Assert.Equal(["new", "send personal"], taken);
        Assert.Equal("dear", (await Programs.RunAsync("mtype", ["-i", images.PathOf("a"), "::tree/letter"], ("MTOOLS_SKIP_CHECK", "1"))).Output);
        Assert.Contains(said, line => line.Contains("as in 2010", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("qvm-move-to-vm", "personal")]
    [InlineData("qvm-copy-to-vm", "--archive personal")]
    [InlineData("qvm-copy-to-vm", "@ask")]
    public async Task What_it_does_not_know_it_is_not_asked(string program, string words)
    {
        Assert.Equal(6, await work.RunAsync(program, [.. words.Split(' '), folder["tree"]], Cancel));
        Assert.Contains(said, line => line.Contains("An old daemon is at work in dom0", StringComparison.Ordinal));
        Assert.Equal("", await dom0.ReadTextAsync(request, Cancel));
    }

    [Fact]
    public async Task What_does_not_fit_onto_its_pendrive_is_not_begun()
    {
        using (var file = File.OpenHandle(folder["tree/large"], FileMode.CreateNew, FileAccess.Write)) RandomAccess.SetLength(file, 1L << 30);
        Assert.Equal(7, await work.RunAsync("qvm-copy-to-vm", ["personal", folder["tree"]], Cancel));
        Assert.Equal("", await dom0.ReadTextAsync(request, Cancel));
    }
}
