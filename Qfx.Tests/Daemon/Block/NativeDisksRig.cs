using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Daemon.Block;
using Qfx.Tests.Support;
using Qfx.Tests.Support.Block;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Daemon.Block;

/// <summary>Native disks on the embedded xenstore, between two kernels that are played.</summary>
public abstract class NativeDisksRig : IAsyncLifetime
{
    private protected const string Script = "/usr/lib/qfx/vbd-script";

    private protected readonly TempFolder folder = new();
    private protected readonly FakeLoops loops = new();
    private protected EmbeddedXenstore server = null!;
    private protected XsClient store = null!;
    private protected XsClient guest = null!;
    private protected SimulatedToolstack toolstack = null!;
    private protected SimulatedDomain work = null!;
    private protected FakeKernels kernels = null!;
    private protected NativeDisks disks = null!;
    private protected string image = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected XsPath Backend => VbdNodes.Backend(work.Domid, Vdev.Xvdg);

    private protected XsPath Frontend => VbdNodes.Frontend(work.Domid, Vdev.Xvdg);

    private protected XsPath Record => VbdNodes.Record(work.Domid, Vdev.Xvdg);

    private protected FileId ImageId
    {
        get
        {
            using var file = ImageFile.Identify(image);
            return file.Id;
        }
    }

    public async ValueTask InitializeAsync()
    {
        server = EmbeddedXenstore.Start(folder["store"]);
        store = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(Domid.Zero)), Cancel);
        toolstack = new(store, DomainLifecycle.Of(server));
        work = await toolstack.CreateAsync("work", Cancel);
        await store.MakeAsync(VbdNodes.Toolstack(work.Domid), Cancel);
        guest = await XsClient.ConnectAsync(XsEndpoint.Socket(server.SocketOf(work.Domid)), Cancel);
        kernels = new(store, guest, work.Domid, loops);
        disks = new(store, new VbdStore(store, Script), loops);
        image = folder["image"];
        await File.WriteAllTextAsync(image, "image", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        kernels.Dispose();
        await guest.DisposeAsync();
        await store.DisposeAsync();
        await server.DisposeAsync();
        loops.Dispose();
        folder.Dispose();
    }

    private protected Task AttachAsync() => disks.AttachAsync(work.Domid, work.Uuid.ToString(), Vdev.Xvdg, image, Cancel);

    private protected Task DetachAsync(bool dead = false) => disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead, Cancel);

    private protected Task DetachAsync(CancellationToken cancel) => disks.DetachAsync(work.Domid, Vdev.Xvdg, image, dead: false, cancel);

    private protected async Task StateIsAsync(XsPath end, int state) => await store.Watch(end / "state")
        .Select(_ => Observable.FromAsync(ct => store.TryReadTextAsync(end / "state", ct))).Concat()
        .FirstAsync(text => text == $"{state}").ToTask(Cancel);

    /// <summary>Waits for what an event of the store or a loop device brings.</summary>
    private protected async Task UntilAsync(Func<bool> so) => await loops.Closings("").Merge(store.Watch(XsPath.Root).Select(_ => System.Reactive.Unit.Default))
        .FirstAsync(_ => so()).ToTask(Cancel);

    private protected async Task<string[]> NodesAsync(XsPath end)
    {
        var names = await store.ListAsync(end, Cancel);
        return [.. (await Task.WhenAll(names.Select(async name => $"{name}={await store.ReadTextAsync(end / name, Cancel)}"))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Every path there is.</summary>
    private protected async Task<string[]> TreeAsync()
    {
        var all = new List<string>();
        async Task WalkAsync(XsPath path)
        {
            foreach (var name in await store.ListAsync(path, Cancel))
            {
                all.Add((path / name).ToString());
                await WalkAsync(path / name);
            }
        }

        await WalkAsync(XsPath.Root);
        return [.. all.Order(StringComparer.Ordinal)];
    }
}
