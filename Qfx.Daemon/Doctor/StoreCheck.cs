using Qfx.Daemon.Options;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Doctor;

/// <summary>xenstored answers, and this connection may do what the daemon does.</summary>
internal static class StoreCheck
{
    private const string What = "xenstore";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task<Finding> RunAsync(DaemonOptions options, CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(Limit);
        try
        {
            return await LookAsync(options, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Finding.Bad(What, $"it gives no answer within {Limit.TotalSeconds} s", "look at xenstored: it runs, and does nothing");
        }
    }

    private static async Task<Finding> LookAsync(DaemonOptions options, CancellationToken cancel)
    {
        try
        {
            var endpoint = options.StoreSocket is { } socket ? XsEndpoint.Socket(socket) : XsEndpoint.FromEnvironment();
            var store = await XsClient.ConnectAsync(endpoint, XsClientOptions.ShortLived, cancel).ConfigureAwait(false);
            await using var _ = store.ConfigureAwait(false);
            var domains = await store.ListAsync(XsPath.Root / "local" / "domain", cancel).ConfigureAwait(false);
            if (!domains.Contains("0"))
                return Finding.Warning(What, "domain 0 is not in it: it is empty, or not whole yet", "start the toolstack's xen-init-dom0 (xencommons); until then no VM is served");
            if (!await store.IsIntroducedAsync(new Domid(0), cancel).ConfigureAwait(false))
                return Finding.Warning(What, "it does not know domain 0 as introduced", "start xencommons anew, once no VM runs");
            return Finding.Good(What, $"answers; {domains.Count - 1} VMs run");
        }
        catch (XenstoreException e)
        {
            return Finding.Bad(What, $"it refuses: {e.Message}", "run this as root in dom0");
        }
        catch (IOException e)
        {
            return Finding.Bad(What, e.Message, "start xenstored (systemctl start xenstored), or set [store] socket");
        }
    }
}
