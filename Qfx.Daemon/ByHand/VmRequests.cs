using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.ByHand;

/// <summary>How <c>vm NAME</c> has a VM made by <c>up</c>: a node of dom0's in its xenstore, which asks and then holds the domid.</summary>
internal static class VmRequests
{
    private const string Wanted = "wanted";

    private static readonly XsPath Folder = XsPath.Root / "tool/qfx-up";

    /// <summary>Asks for a VM of this name, and waits until it runs and can ask for pendrives.</summary>
    /// <param name="dom0">As dom0.</param>
    /// <param name="name">Which.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<Domid> AskAsync(IXenstore dom0, VmName name, CancellationToken cancel)
    {
        var node = Folder / name.ToString();
        if (await dom0.TryReadAsync(node, cancel).ConfigureAwait(false) is null) await dom0.WriteTextAsync(node, Wanted, cancel).ConfigureAwait(false);
        return await dom0.Watch(node)
            .Select(_ => Observable.FromAsync(ct => dom0.TryReadTextAsync(node, ct)))
            .Concat()
            .Select(value => value is not null && Domid.TryParse(value, out var domid) ? domid : (Domid?)null)
            .FirstAsync(domid => domid is not null)
            .ToTask(cancel).ConfigureAwait(false) ?? default;
    }

    /// <summary>Serves those who ask, one at a time, until it is disposed.</summary>
    /// <param name="dom0">As dom0.</param>
    /// <param name="makeAsync">Makes a VM; it can ask for pendrives then.</param>
    public static IObservable<Domid> Serve(IXenstore dom0, Func<VmName, CancellationToken, Task<Domid>> makeAsync) => dom0.Watch(Folder)
        .Select(_ => Observable.FromAsync(ct => WantedAsync(dom0, ct)))
        .Concat()
        .SelectMany(names => names)
        .Select(name => Observable.FromAsync(async ct =>
        {
            var node = Folder / name.ToString();
            var value = await dom0.TryReadTextAsync(node, ct).ConfigureAwait(false);
            if (value != Wanted) return default;    // seen twice
            var domid = await makeAsync(name, ct).ConfigureAwait(false);
            await dom0.WriteTextAsync(node, domid.ToString(), ct).ConfigureAwait(false);
            return domid;
        }))
        .Concat();

    private static async Task<IReadOnlyList<VmName>> WantedAsync(IXenstore dom0, CancellationToken cancel)
    {
        try
        {
            var children = await dom0.ListAsync(Folder, cancel).ConfigureAwait(false);
            return [.. children.Select(child => VmName.TryParse(child, out var name) ? name : default).Where(name => name != default)];
        }
        catch (XenstoreException e) when (e.Error == XsError.ENOENT)
        {
            return [];    // nobody has asked yet
        }
    }
}
