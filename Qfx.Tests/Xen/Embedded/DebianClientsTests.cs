using System.Diagnostics;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Xen.Embedded;

/// <summary>Debian's own programs say the same on the embedded store as on the real one, to the letter and the exit code.</summary>
public sealed class DebianClientsTests
{
    /// <summary>Each runs after the ones above it, as dom0 or, with a <c>guest</c> before it, on the domain's socket.</summary>
    private static readonly string[] Commands =
    [
        "xenstore-write /test/a 1 /test/b two",
        "xenstore-read /test/a /test/b",
        "xenstore-read -p /test/a",
        "xenstore-read /test/missing",
        "xenstore-read not//legal",
        "xenstore-list /test",
        "xenstore-list -p /test",
        "xenstore-list /test/missing",
        "xenstore-ls /test",
        "xenstore-ls -f /test",
        "xenstore-ls -p /test",
        "xenstore-ls -fp /test",
        "xenstore-ls /",
        "xenstore-exists /test/a",
        "xenstore-exists /test/c",
        "xenstore-chmod /test/a n0 r5",
        "xenstore-chmod -r /test b0",
        "xenstore-chmod -u /test/a n5 w7",
        "xenstore-chmod /test/missing n0",
        "xenstore-ls -p /test",
        "xenstore-write /test/esc \\n\\t\\x01\\xff",
        "xenstore-read /test/esc",
        "xenstore-read -R /test/esc",
        "xenstore-write /test/empty ",
        "xenstore-read /test/empty",
        "xenstore-rm /test/missing",
        "xenstore-rm /test/missing/below",
        "xenstore-rm -t /test/esc",
        "xenstore-rm /test/a /test/b",
        "xenstore-ls /test",
        "xenstore-write /test/x/y/z deep",
        "xenstore-rm -t /test/x/y/z",
        "xenstore-ls -f /test",
        "xenstore-rm /",
        "xenstore-control check",
        "xenstore-control print hello",
        "xenstore-control log on",
        "xenstore-control log off",
        "guest xenstore-control check",
        "guest xenstore-read name",
        "guest xenstore-read /local/domain/1/name",
        "guest xenstore-read /local/domain/0/name",
        "guest xenstore-write data/mine 1",
        "guest xenstore-write name other",
        "guest xenstore-write /test/x 1",
        "guest xenstore-ls .",
        "guest xenstore-ls -p data",
        "guest xenstore-chmod data/mine b1 r0",
        "guest xenstore-chmod name b1",
        "guest xenstore-ls -fp data",
        "guest xenstore-rm data/mine",
        "guest xenstore-rm name",
        "guest xenstore-list /local/domain",
        "guest xenstore-list /",
        "guest xenstore-exists /local/domain/0",
        "guest xenstore-exists data",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_say_the_same_on_both()
    {
        Programs.Require("xenstore-read", "xenstore-ls", "xenstore-control");
        await using var real = await RealXenstored.StartAsync(Cancel);
        await using var realDom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(real.SocketPath), Cancel);
        using var folder = new TempFolder();
        await using var embedded = EmbeddedXenstore.Start(folder["store"]);
        await using var embeddedDom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(embedded.SocketOf(Domid.Zero)), Cancel);

        var expected = await RunAllAsync(realDom0, real.Lifecycle(realDom0), real.SocketOf);
        var actual = await RunAllAsync(embeddedDom0, DomainLifecycle.Of(embedded), embedded.SocketOf);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Whatever_the_embedded_store_can_be_told_by_xenstore_control_the_real_one_can()
    {
        await using var real = await RealXenstored.StartAsync(Cancel);
        await using var realDom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(real.SocketPath), Cancel);
        using var folder = new TempFolder();
        await using var embedded = EmbeddedXenstore.Start(folder["store"]);
        await using var embeddedDom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(embedded.SocketOf(Domid.Zero)), Cancel);

        var all = (await realDom0.ControlAsync(["help"], Cancel)).Split('\n');
        var here = (await embeddedDom0.ControlAsync(["help"], Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotEmpty(here);
        Assert.Empty(here.Except(all));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_of_theirs_tells_what_happens(bool onReal)
    {
        Programs.Require("xenstore-watch");
        await using var server = onReal ? (IAsyncDisposable)await RealXenstored.StartAsync(Cancel) : EmbeddedXenstore.Start(Path.Combine(Path.GetTempPath(), $"qfx-{Guid.NewGuid():N}"[..20]));
        var socket = server is RealXenstored real ? real.SocketPath : ((EmbeddedXenstore)server).SocketOf(Domid.Zero);
        await using var dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(socket), Cancel);
        var start = new ProcessStartInfo("xenstore-watch", ["-n", "4", "/test"]) { RedirectStandardOutput = true };
        start.Environment["XENSTORED_PATH"] = socket;
        using var watch = Process.Start(start)!;
        Assert.Equal("/test", await watch.StandardOutput.ReadLineAsync(Cancel));

        await dom0.WriteTextAsync(new XsPath("/test/a"), "1", Cancel);
        await dom0.WriteTextAsync(new XsPath("/elsewhere"), "1", Cancel);
        await dom0.RemoveAsync(new XsPath("/test/a"), Cancel);
        await dom0.RemoveAsync(new XsPath("/test"), Cancel);

        Assert.Equal(["/test/a", "/test/a", "/test"], (await watch.StandardOutput.ReadToEndAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await watch.WaitForExitAsync(Cancel);
        Assert.Equal(0, watch.ExitCode);
    }

    private static async Task<string[]> RunAllAsync(XsClient dom0, DomainLifecycle lifecycle, Func<Domid, string> socketOf)
    {
        var toolstack = new SimulatedToolstack(dom0, lifecycle);
        var work = await toolstack.CreateAsync("work", new Guid("11111111-2222-3333-4444-555555555555"), Cancel);
        await dom0.RemoveAsync(new XsPath("/tool"), Cancel);    // the real one starts with it, xen-init-dom0 fills it
        var said = new List<string>();
        foreach (var command in Commands)
        {
            var words = command.Split(' ');
            var asGuest = words[0] == "guest";
            if (asGuest) words = words[1..];
            var (exit, output) = await Programs.RunAsync(words[0], words[1..], ("XENSTORED_PATH", socketOf(asGuest ? work.Domid : Domid.Zero)));
            said.Add($"{command} -> {exit}\n{output}");
        }

        return [.. said];
    }
}
