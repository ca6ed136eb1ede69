using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Qfx.Xen.Domains;

namespace Qfx.Xen.Store;

/// <summary>A xenstored through several connections: one for what a program does, and lines beside it, among which the guests are shared out.</summary>
/// <remarks>
/// What a connection brings comes in order, and C xenstored sends each of its clients one message a round of its loop, however many wait. So behind
/// the events that one guest sets off, everything else on that connection waits. With lines beside it, guests that flood hold up
/// those few who have the same line, and never what the program itself asks. Through the kernel's device all connections are one in the end: there are no lines then.
/// A line is made when it is first wanted. What awaits its answers goes on on the thread that reads it (<see cref="XsClientOptions.ContinueOnReader"/>), and must
/// not block there.
/// </remarks>
public sealed class XsLines : IXenstore
{
    /// <summary>So many lines at most.</summary>
    public const int Most = 32;

    /// <summary>So many guests have a line: those whose domids follow one another.</summary>
    /// <remarks>
    /// Each line is one more connection that xenstored looks at in every round, for whomever. One for each of a hundred guests had all other clients write half as fast.
    /// </remarks>
    public const int Guests = 128;

    private readonly Lock gate = new();
    private readonly XsClient main;
    private readonly Func<XsClient>? begin;
    private readonly XsClient?[] lines = new XsClient?[Most];
    private bool disposed;

    private XsLines(XsClient main, Func<XsClient>? begin) => (this.main, this.begin) = (main, begin);

    /// <summary>Of the one connection that is always there.</summary>
    public IObservable<XsClientState> States => main.States;

    /// <summary>Connects to a xenstored.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="XenstoreConnectionException">There is none, or it may not be used.</exception>
    public static async Task<XsLines> ConnectAsync(XsEndpoint endpoint, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var options = new XsClientOptions();
        var line = new XsClientOptions { ContinueOnReader = true };
        return await ConnectAsync(stop => endpoint.OpenAsync(options, stop), endpoint.IsDevice ? null : stop => endpoint.OpenAsync(line, stop), options, cancel).ConfigureAwait(false);
    }

    /// <param name="open">Opens the connection that is always there.</param>
    /// <param name="line">Opens one for a line; null: there are none.</param>
    /// <param name="options">Of each of them.</param>
    /// <param name="cancel">Ends the attempt at the first.</param>
    internal static async Task<XsLines> ConnectAsync(
        Func<CancellationToken, Task<Stream>> open, Func<CancellationToken, Task<Stream>>? line, XsClientOptions options, CancellationToken cancel = default) =>
        new(await XsClient.ConnectAsync(open, options, cancel).ConfigureAwait(false), line is null ? null : () => XsClient.Begin(line, options));

    /// <summary>The guest's line, as soon as it is connected. <see cref="Guests"/> of them have the same one; dom0 has none of its own.</summary>
    /// <exception cref="XenstoreConnectionException">It is closed for good.</exception>
    public async ValueTask<IXenstore> ForAsync(Domid guest, CancellationToken cancel = default)
    {
        if (begin is null || guest == Domid.Zero) return main;
        XsClient line;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            line = lines[guest.Value / Guests % Most] ??= begin();
        }

        var state = await line.States.FirstOrDefaultAsync(state => state.Phase != XsClientPhase.Lost).ToTask(cancel).ConfigureAwait(false);
        return state?.Phase == XsClientPhase.Connected ? line : throw state?.Reason ?? new("The connection is closed.");
    }

    /// <inheritdoc/>
    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => main.Watch(path, filter);

    /// <inheritdoc/>
    public Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default) => main.TransactAsync(body, cancel);

    /// <inheritdoc/>
    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) => main.IsIntroducedAsync(domid, cancel);

    /// <inheritdoc/>
    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default) => main.ReadAsync(path, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default) => main.ListAsync(path, cancel);

    /// <inheritdoc/>
    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default) => main.WriteAsync(path, value, cancel);

    /// <inheritdoc/>
    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => main.MakeAsync(path, cancel);

    /// <inheritdoc/>
    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => main.RemoveAsync(path, cancel);

    /// <inheritdoc/>
    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) => main.GetPermissionsAsync(path, cancel);

    /// <inheritdoc/>
    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) => main.SetPermissionsAsync(path, permissions, cancel);

    /// <summary>Ends all of the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate) disposed = true;
        foreach (var line in lines)
        {
            if (line is not null) await line.DisposeAsync().ConfigureAwait(false);
        }

        await main.DisposeAsync().ConfigureAwait(false);
    }
}
