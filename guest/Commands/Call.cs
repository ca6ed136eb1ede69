using Qfx.Guest.Exchange;
using Qfx.Guest.Host;
using Qfx.Xen.Store;

namespace Qfx.Guest.Commands;

/// <summary>What one of the programs is run with. xenstore is connected to when it is first asked for, not before.</summary>
internal sealed class Call(string[] arguments, GuestHost host, TimeProvider time, Action<string> say, CancellationToken cancel) : IAsyncDisposable
{
    private XsClient? store;

    /// <summary>The words after the program's name.</summary>
    public string[] Arguments => arguments;

    public GuestHost Host => host;

    public TimeProvider Time => time;

    /// <summary>Tells the person a line.</summary>
    public Action<string> Say => say;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>This VM's xenstore.</summary>
    /// <exception cref="XenstoreConnectionException">There is none, or this user may not use it.</exception>
    public async Task<IXenstore> StoreAsync() =>
        store ??= await XsClient.ConnectAsync(host.Store, XsClientOptions.ShortLived, cancel).ConfigureAwait(false);

    /// <summary>What asks dom0.</summary>
    /// <exception cref="XenstoreConnectionException">As for <see cref="StoreAsync"/>.</exception>
    public async Task<PenClient> PenAsync() => new(await StoreAsync().ConfigureAwait(false), time, say);

    public async ValueTask DisposeAsync()
    {
        if (store is not null) await store.DisposeAsync().ConfigureAwait(false);
    }
}
