using System.Net.Sockets;
using System.Reactive.Linq;
using Qfx.Guest.Door;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Guest.Door;

/// <summary>What an ordinary user of a VM can do in its xenstore, through the door alone.</summary>
public sealed class XenstoreDoorTests : IAsyncLifetime
{
    private static readonly Domid Me = new(5);
    private static readonly XsPath Home = XsPath.Home(Me);
    private static readonly XsPath Request = new("device/qpen");
    private static readonly XsPath Status = new("qubes_pen_status");

    private readonly TempFolder folder = new();
    private readonly CancellationTokenSource stop = new();
    private EmbeddedXenstore server = null!;
    private XsClient dom0 = null!;
    private XsClient vm = null!;
    private Socket listener = null!;
    private Task serving = Task.CompletedTask;
    private XsClient user = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = EmbeddedXenstore.Start(folder["store"]);
        dom0 = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
        await dom0.WriteTextAsync(Home / "name", "work", Cancel);
        await dom0.SetPermissionsAsync(Home, XsPermissions.GuestReads(Me), Cancel);
        server.Introduce(Me);
        await GiveAsync("device/qpen", XsPermissions.GuestWrites(Me));
        await GiveAsync("data", XsPermissions.GuestWrites(Me));
        await SayAsync("0 ready qfx/1");
        vm = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Me)), Cancel);
        listener = new(AddressFamily.Unix, SocketType.Stream, 0);
        listener.Bind(new UnixDomainSocketEndPoint(folder["door"]));
        listener.Listen();
        serving = ServeAsync();
        user = await XsClient.ConnectAsync(XsEndpoint.Socket(folder["door"]), XsClientOptions.ShortLived, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await user.DisposeAsync();
        await stop.CancelAsync();
        await serving;
        listener.Dispose();
        await vm.DisposeAsync();
        await dom0.DisposeAsync();
        await server.DisposeAsync();
        stop.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_user_sees_whether_the_request_was_taken_so_that_a_slow_daemon_is_waited_for()
    {
        await user.WriteTextAsync(Request, "new 100", Cancel);
        Assert.Equal("new 100", await user.ReadTextAsync(Request, Cancel));
        await dom0.WriteTextAsync(Home / "device/qpen", "", Cancel);
        Assert.Equal("", await user.ReadTextAsync(Request, Cancel));
    }

    [Fact]
    public async Task A_request_is_written_and_its_status_read_and_watched()
    {
        Assert.Equal("0 ready qfx/1", await user.ReadTextAsync(Status, Cancel));
        var seen = user.Watch(Status).Select(_ => user.ReadTextAsync(Status, Cancel)).Merge().FirstAsync(status => status.StartsWith("1 ", StringComparison.Ordinal))
            .Timeout(TimeSpan.FromSeconds(30)).RunAsync(Cancel);
        await user.WriteTextAsync(Request, "new 100", Cancel);
        Assert.Equal("new 100", await dom0.ReadTextAsync(Home / "device/qpen", Cancel));
        await SayAsync("1 attached xvdg");
        Assert.Equal("1 attached xvdg", await seen);
    }

    [Fact]
    public async Task What_is_not_there_is_not_there()
    {
        Assert.Null(await user.TryReadAsync(new("qubes_blocksrc"), Cancel));
        await dom0.WriteTextAsync(Home / "qubes_blocksrc", "personal", Cancel);
        await dom0.SetPermissionsAsync(Home / "qubes_blocksrc", XsPermissions.GuestReads(Me), Cancel);
        Assert.Equal("personal", await user.ReadTextAsync(new("qubes_blocksrc"), Cancel));
    }

    [Fact]
    public async Task Everything_else_is_refused_though_the_VM_itself_could_do_it()
    {
        await vm.WriteTextAsync(new("data/mine"), "1", Cancel);
        Func<Task>[] all =
        [
            () => user.ReadAsync(new("name"), Cancel),
            () => user.ReadAsync(Home / "qubes_pen_status", Cancel),
            () => user.ReadAsync(new("data/mine"), Cancel),
            () => user.ListAsync(new("device"), Cancel),
            () => user.WriteTextAsync(new("data/mine"), "2", Cancel),
            () => user.WriteTextAsync(Request / "child", "x", Cancel),
            () => user.WriteTextAsync(Request, new string('x', 129), Cancel),
            () => user.RemoveAsync(Request, Cancel),
            () => user.MakeAsync(new("data/more"), Cancel),
            () => user.SetPermissionsAsync(Request, XsPermissions.GuestWrites(Me), Cancel),
            () => user.GetPermissionsAsync(Request, Cancel),
            () => user.TransactAsync((_, _) => Task.FromResult(true), Cancel),
            async () => await user.Watch(new("data")).FirstAsync().RunAsync(Cancel),
            async () => await user.Watch(XsPath.ReleaseDomain).FirstAsync().RunAsync(Cancel),
        ];
        foreach (var each in all) Assert.Equal(XsError.EACCES, (await Assert.ThrowsAsync<XenstoreException>(each)).Error);
        Assert.Equal("1", await vm.ReadTextAsync(new("data/mine"), Cancel));
        Assert.Equal("0 ready qfx/1", await user.ReadTextAsync(Status, Cancel));    // it goes on
    }

    [Fact]
    public async Task Debians_own_client_works_through_it()
    {
        Programs.Require("xenstore-write", "xenstore-rm");
        var (exit, output) = await Programs.RunAsync("xenstore-write", ["device/qpen", "cancel"], ("XENSTORED_PATH", folder["door"]));
        Assert.True(exit == 0, output);
        Assert.Equal("cancel", await dom0.ReadTextAsync(Home / "device/qpen", Cancel));
        Assert.NotEqual(0, (await Programs.RunAsync("xenstore-rm", ["device/qpen"], ("XENSTORED_PATH", folder["door"]))).Exit);
    }

    private Task SayAsync(string status) => GiveAsync("qubes_pen_status", XsPermissions.GuestReads(Me), status);

    private async Task GiveAsync(string key, XsPermissions permissions, string value = "")
    {
        await dom0.WriteTextAsync(Home / key, value, Cancel);
        await dom0.SetPermissionsAsync(Home / key, permissions, Cancel);
    }

    /// <summary>As systemd does: for each connection one of its own.</summary>
    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true) all.Add(OneAsync(await listener.AcceptAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task OneAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var door = new XenstoreDoor(vm, stream);
            await door.ServeAsync(stream, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone.
        }
    }
}
