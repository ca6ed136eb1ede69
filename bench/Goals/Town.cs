using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Streams.Requests;
using Qfx.Tests.Support.Xenstored;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench.Goals;

/// <summary>A real C xenstored on the first core, and so many domains in it that nobody plays.</summary>
/// <remarks>Clients are told that they are introduced (xenshim.c, XENSHIM_RUNNING): for each domain with a ring of its own the server would need a microsecond more at every write.</remarks>
internal sealed class Town : IAsyncDisposable
{
    /// <summary>So many domains, evenly spread, are listened to while a daemon starts; each costs the server its share.</summary>
    private const int Listened = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly XenstoredProcess server;

    private Town(XenstoredProcess server, XsClient toolstack, int domains) => (this.server, Toolstack, Domains) = (server, toolstack, domains);

    /// <summary>Another client of dom0.</summary>
    public XsClient Toolstack { get; }

    /// <summary>From domid 1 on.</summary>
    public int Domains { get; }

    public string SocketPath => server.SocketPath;

    public static async Task<Town> StartAsync(int domains)
    {
        var server = await XenstoredProcess.StartAsync(XenstoredKind.C, CancellationToken.None, "env", "XENSHIM_RUNNING=1", "taskset", "-c", "0");
        var toolstack = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketPath));
        var town = new Town(server, toolstack, domains);
        await toolstack.WriteTextAsync(XsPath.Home(Domid.Zero) / "name", "Domain-0");
        await Task.WhenAll(Enumerable.Range(1, domains).Select(domid => town.WriteAsync(new((ushort)domid))));
        return town;
    }

    /// <summary>A domain that has come just now.</summary>
    public async Task AddAsync(Domid domid)
    {
        await WriteAsync(domid);
        await Toolstack.IntroduceAsync(domid, 1, 7);
    }

    /// <summary>It is gone, and nothing of it is left.</summary>
    public async Task RemoveAsync(Domid domid)
    {
        await Toolstack.RemoveAsync(XsPath.Home(domid));
        await Toolstack.ReleaseAsync(domid);
    }

    /// <summary>Takes away what a daemon has left: the next one finds domains that never saw any.</summary>
    public async Task ForgetAsync()
    {
        XsPath[] left = [.. Enumerable.Range(1, Domains).Select(domid => XsPath.Home(new((ushort)domid))).SelectMany(home => new[] { home / "device", home / "qubes_pen_status" })];
        await Task.WhenAll(left.Select(TryRemoveAsync));
        await TryRemoveAsync(XsPath.Home(Domid.Zero) / "backend");
    }

    /// <summary>Ends when a daemon has written its first status for each domain, which both do once it is watched and named.</summary>
    public async Task AllToldAsync()
    {
        var each = Math.Max(1, Domains / Listened);
        await Task.WhenAll(Enumerable.Range(1, Domains).Where(domid => domid % each == 0 || domid == Domains).Select(domid => CodeAsync(new((ushort)domid), "ready")));
        var all = await Task.WhenAll(Enumerable.Range(1, Domains).Select(async domid => (Domid: new Domid((ushort)domid), Status: await Toolstack.TryReadTextAsync(QpenNode.StatusOf(new((ushort)domid))))));
        await Task.WhenAll(all.Where(told => told.Status is null).Select(told => CodeAsync(told.Domid, "ready")));
    }

    /// <summary>Ends when a domain's status has this code.</summary>
    public Task CodeAsync(Domid domid, string code)
    {
        var key = QpenNode.StatusOf(domid);
        return Toolstack.Watch(key)
            .Select(_ => Observable.FromAsync(cancel => Toolstack.TryReadTextAsync(key, cancel)))
            .Concat()
            .Where(status => status?.Split(' ').ElementAtOrDefault(1) == code)
            .FirstAsync()
            .Timeout(Patience)
            .ToTask();
    }

    /// <summary>What another client of dom0 gets through: writes a second, one at a time, on the server's own core.</summary>
    public async Task<double> OthersWritesAsync(int count) =>
        double.Parse(await Rig.RunPinnedPeerAsync("libxenstore", string.Create(CultureInfo.InvariantCulture, $"irrelevant {count}"), ("XENSTORED_PATH", SocketPath)), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await Toolstack.DisposeAsync();
        await server.DisposeAsync();
    }

    private async Task TryRemoveAsync(XsPath path)
    {
        try
        {
            await Toolstack.RemoveAsync(path);
        }
        catch (XenstoreException e) when (e.Error == XsError.ENOENT)
        {
            // Nor was it there.
        }
    }

    private async Task WriteAsync(Domid domid)
    {
        var (home, vm) = (XsPath.Home(domid), XsPath.Root / $"vm/{new Guid(domid.Value, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])}");
        await Task.WhenAll(    // carried out in this order
            Toolstack.WriteTextAsync(vm / "name", $"vm-{domid}"),
            Toolstack.WriteTextAsync(home / "vm", vm.ToString()),
            Toolstack.WriteTextAsync(home / "name", $"vm-{domid}"),
            Toolstack.WriteTextAsync(home / "data/updated", "0"),
            Toolstack.SetPermissionsAsync(home / "data", new(new XsPermission(XsAccess.None, domid))));    // from then on the server knows of the domain, and each access costs more
    }
}
