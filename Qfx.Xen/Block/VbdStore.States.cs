using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Xen.Block;

/// <content>What the two ends say of themselves, followed by watches.</content>
public sealed partial class VbdStore
{
    private const int MaxReason = 200;

    /// <summary>Waits until both ends are Connected: the domain has the disk.</summary>
    /// <param name="domid">Who gets it.</param>
    /// <param name="vdev">As which disk.</param>
    /// <param name="cancel">The only bound on the time: a domain may never look.</param>
    /// <exception cref="BlockDeviceException">One end has given up, or is gone; the domain may have seen the disk.</exception>
    public async Task ConnectedAsync(Domid domid, Vdev vdev, CancellationToken cancel)
    {
        var (backend, frontend) = (VbdNodes.Backend(domid, vdev), VbdNodes.Frontend(domid, vdev));
        await Changes(domid, vdev)
            .Select(_ => Observable.FromAsync(async ct =>
            {
                var ours = StateAsync(store, backend, ct);
                var theirs = StateAsync(store, frontend, ct);
                return (Backend: await ours.ConfigureAwait(false), Frontend: await theirs.ConfigureAwait(false));
            }))
            .Concat()
            .SelectMany(states => states switch
            {
                (XenbusState.Connected, XenbusState.Connected) => Observable.Return(true),
                (null or XenbusState.Closing or XenbusState.Closed, _) or (_, null or XenbusState.Closing or XenbusState.Closed) =>
                    Observable.FromAsync(ct => GaveUpAsync(domid, vdev, states.Backend, states.Frontend, ct)),
                _ => Observable.Empty<bool>(),
            })
            .FirstAsync()
            .ToTask(cancel)
            .ConfigureAwait(false);
    }

    /// <summary>A reason to look again at the disk; the first at once.</summary>
    public IObservable<WatchEvent> Changes(Domid domid, Vdev vdev) => Observable.Merge(
        store.Watch(VbdNodes.Backend(domid, vdev) / "state"), store.WatchFor(domid, VbdNodes.Frontend(domid, vdev) / "state"));

    /// <summary>Whether both ends say that they are Connected.</summary>
    public async Task<bool> IsConnectedAsync(Domid domid, Vdev vdev, CancellationToken cancel) =>
        await StateAsync(store, VbdNodes.Backend(domid, vdev), cancel).ConfigureAwait(false) is XenbusState.Connected
        && await StateAsync(store, VbdNodes.Frontend(domid, vdev), cancel).ConfigureAwait(false) is XenbusState.Connected;

    /// <summary>Whether the backend says that it is Closed, or is not there.</summary>
    public async Task<bool> IsClosedAsync(Domid domid, Vdev vdev, CancellationToken cancel) =>
        await StateAsync(store, VbdNodes.Backend(domid, vdev), cancel).ConfigureAwait(false) is null or XenbusState.Closed;

    private async Task<bool> GaveUpAsync(Domid domid, Vdev vdev, XenbusState? backend, XenbusState? frontend, CancellationToken cancel)
    {
        var said = await store.TryReadTextAsync(VbdNodes.Error(domid, vdev) / "error", cancel).ConfigureAwait(false);
        var why = said is null ? "" : $": {(said.Length > MaxReason ? said[..MaxReason] : said)}";
        throw new BlockDeviceException(BlockDeviceFault.Failed,
            $"{vdev.Name} of domain {domid} was not connected: the backend is {Named(backend)}, the frontend {Named(frontend)}{why}", exposed: true);
    }

    private static string Named(XenbusState? state) => state?.ToString() ?? "gone";
}
