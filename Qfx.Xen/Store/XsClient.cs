using System.Reactive.Linq;
using System.Reactive.Subjects;
using Qfx.Xen.Connection;
using Qfx.Xen.Watches;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

/// <summary>A client of xenstored over its socket or the kernel's device.</summary>
/// <remarks>
/// <para>All methods may be called from any thread. Requests go out in the order of the calls, many at once: what is asked
/// while a write is under way leaves together with the next one. Answers are matched by request id. What waits to be sent
/// is bounded only by how many requests the callers start without awaiting them, at most 4,112 bytes each.</para>
/// <para>A request whose payload would be longer than 4,096 bytes (4,080 through the device) throws
/// <see cref="ArgumentException"/> and is not sent.</para>
/// <para>When the connection is lost, every request in flight ends with <see cref="XenstoreConnectionException"/>, and so
/// does what is asked until there is another one. The client connects again (see <see cref="XsClientOptions.Reconnect"/>),
/// registers every live watch, and tells each subscriber <see cref="WatchKind.Resync"/>. Once it is closed for good,
/// everything ends with that error, watches too.</para>
/// </remarks>
public sealed partial class XsClient : IXenstore, IXsAsk
{
    /// <summary>For the requests that answer <c>OK</c>.</summary>
    internal static readonly XsAnswer<bool> Done = static _ => true;

    private readonly Lock gate = new();
    private readonly XsClientOptions options;
    private readonly Func<CancellationToken, Task<Stream>>? open;
    private readonly XsOperations nodes;
    private readonly WatchTable watches;
    private readonly BehaviorSubject<XsClientState> states = new(new(XsClientPhase.Connected, null));
    private readonly SemaphoreSlim turns;    // of transactions
    private XenstoreConnectionException? fault;

    private XsClient(Func<CancellationToken, Task<Stream>>? open, XsClientOptions? options)
    {
        this.options = options ?? new();
        this.open = open;
        turns = new(this.options.TransactionsAtOnce);
        owner = new(this);
        watches = new(this.options.WatchBuffer, (path, e) => Threw(path.ToString(), e));
        nodes = new(this, transaction: 0);
    }

    /// <summary>Connects to a xenstored.</summary>
    /// <param name="endpoint">Where; <see cref="XsEndpoint.FromEnvironment"/> for the usual place.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="XenstoreConnectionException">There is none, or it may not be used.</exception>
    public static Task<XsClient> ConnectAsync(XsEndpoint endpoint, CancellationToken cancel = default) =>
        ConnectAsync(endpoint, new(), cancel);

    /// <summary>Connects to a xenstored, with options.</summary>
    /// <inheritdoc cref="ConnectAsync(XsEndpoint, CancellationToken)"/>
    public static Task<XsClient> ConnectAsync(XsEndpoint endpoint, XsClientOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        return ConnectAsync(stop => endpoint.OpenAsync(options, stop), options, cancel);
    }

    /// <summary>Connects by a way of one's own.</summary>
    /// <param name="open">Opens a stream that goes both ways, or throws <see cref="XenstoreConnectionException"/>; called again for each new connection.</param>
    /// <param name="options">Of the client.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static async Task<XsClient> ConnectAsync(
        Func<CancellationToken, Task<Stream>> open, XsClientOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(options);
        var client = new XsClient(open, options);
        client.Use(await open(cancel).ConfigureAwait(false));
        return client;
    }

    /// <summary>Connects at its leisure: until it has, it is as one that has lost its connection.</summary>
    /// <param name="open">As for <see cref="ConnectAsync(Func{CancellationToken, Task{Stream}}, XsClientOptions, CancellationToken)"/>.</param>
    /// <param name="options">Of the client; the first connection is tried for as long as it takes, whatever they say.</param>
    internal static XsClient Begin(Func<CancellationToken, Task<Stream>> open, XsClientOptions options)
    {
        var client = new XsClient(open, options) { lost = new("Not connected yet."), begins = true };
        client.states.OnNext(new(XsClientPhase.Lost, client.lost));
        client.reconnecting = Task.Run(client.ReconnectAsync);
        return client;
    }

    /// <summary>Speaks over any stream that goes both ways, reads of which can be cancelled; it is disposed with the client, and there is no other.</summary>
    public static XsClient Over(Stream stream, XsClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var client = new XsClient(open: null, options);
        client.Use(stream);
        return client;
    }

    /// <inheritdoc/>
    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default) => nodes.ReadAsync(path, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default) => nodes.ListAsync(path, cancel);

    /// <inheritdoc/>
    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default) =>
        nodes.WriteAsync(path, value, cancel);

    /// <inheritdoc/>
    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => nodes.MakeAsync(path, cancel);

    /// <inheritdoc/>
    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => nodes.RemoveAsync(path, cancel);

    /// <inheritdoc/>
    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) =>
        nodes.GetPermissionsAsync(path, cancel);

    /// <inheritdoc/>
    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) =>
        nodes.SetPermissionsAsync(path, permissions, cancel);

    /// <inheritdoc/>
    /// <remarks>
    /// There is one watch on the server for each path, however many subscribe. Events wait in a buffer of the subscriber's own,
    /// one for each path (<see cref="WatchEvent.Merged"/>), and are handed over one at a time by a thread of the pool, so a slow
    /// subscriber holds up nobody else; when more than <see cref="XsClientOptions.WatchBuffer"/> paths wait, one
    /// <see cref="WatchKind.Resync"/> stands for all. A subscriber that throws closes the client with its exception as the inner
    /// one, so that it does not go unseen.
    /// </remarks>
    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) =>
        Observable.Create<WatchEvent>(observer => watches.Join(path, filter, observer));

    /// <summary>What it holds at this moment: of tests that look for leaks.</summary>
    internal XsClientHoldings Holdings
    {
        get
        {
            XsConnection? now;
            lock (gate) now = connection;
            return watches.Count(now?.Outstanding ?? 0);
        }
    }

    /// <summary>Ends the connection, and with it every request, watch and transaction.</summary>
    public async ValueTask DisposeAsync()
    {
        XsConnection? ending;
        Task trying;
        var first = false;
        lock (gate)
        {
            (first, closed) = (!closed, true);
            (ending, trying) = (connection, reconnecting);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await trying.ConfigureAwait(false);
        if (ending is not null) await ending.DisposeAsync().ConfigureAwait(false);
        else if (first) Finish(new("The client was disposed."));
    }

    /// <exception cref="ArgumentException">The payload is too long; nothing was sent.</exception>
    Task<T> IXsAsk.Ask<T>(XsCall<T> call, uint transaction, string text, ReadOnlySpan<byte> rest, CancellationToken cancel)
    {
        XsConnection? now;
        XenstoreConnectionException? reason;
        lock (gate) (now, reason) = (connection, lost);
        return now is not null ? now.Ask(call, transaction, text, rest, cancel) : Task.FromException<T>(reason!);
    }

    private Task<T> Ask<T>(XsType op, string? about, string text, ReadOnlySpan<byte> rest, XsAnswer<T> read, CancellationToken cancel) =>
        ((IXsAsk)this).Ask(new XsCall<T>(op, about, read), transaction: 0, text, rest, cancel);

    /// <summary>A subscriber threw: a mistake of the program's, which must not go unseen, not even while there is no connection to end.</summary>
    private void Threw(string what, Exception e)
    {
        XsConnection? ending;
        bool waiting;
        lock (gate)
        {
            fault ??= new($"A subscriber of {what} threw. {e.Message}", e);
            ending = connection;
            waiting = ending is null && !closed;
            closed |= waiting;
        }

        ending?.Close(fault.Message, e);
        if (!waiting) return;
        stop.Cancel();
        Finish(fault);
    }
}
