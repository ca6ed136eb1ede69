using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Daemon.Runner;

/// <content>Whether a domain of an earlier run is dead.</content>
internal sealed partial class Effects
{
    /// <summary>Another one has its number; or there is none, and a store that has domain 0 says so: an empty one proves nothing.</summary>
    private async Task<ExchangeEvent?> ProveDeathAsync(DomainIdentity domain, CancellationToken cancel)
    {
        try
        {
            var home = XsPath.Home(domain.Domid);
            var vm = await store.TryReadTextAsync(home / "vm", cancel).ConfigureAwait(false);
            if (vm is not null) return vm.EndsWith("/" + domain.Uuid, StringComparison.Ordinal) ? null : new ExchangeEvent.FoundDead(domain);
            var whole = await store.IsIntroducedAsync(Domid.Zero, cancel).ConfigureAwait(false)
                && await store.TryReadAsync(XsPath.Home(Domid.Zero) / "name", cancel).ConfigureAwait(false) is not null;
            return whole && !await store.IsIntroducedAsync(domain.Domid, cancel).ConfigureAwait(false) ? new ExchangeEvent.FoundDead(domain) : null;
        }
        catch (IOException e) when (e is XenstoreException or XenstoreConnectionException)
        {
            return null;    // asked again in a while
        }
    }
}
