using System.Globalization;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Wire;

namespace Qfx.Xen.Store;

/// <summary>A connection to xenstored over its socket or the kernel's device.</summary>
/// <remarks>
/// <para>All methods may be called from any thread. Requests go out in the order of the calls, many at once: what is asked
/// while a write is under way leaves together with the next one. Answers are matched by request id. What waits to be sent
/// is bounded only by how many requests the callers start without awaiting them, at most 4,112 bytes each.</para>
/// <para>A request whose payload would be longer than 4,096 bytes (4,080 through the device) throws
/// <see cref="ArgumentException"/> and is not sent.</para>
/// <para>Once the connection is lost, or the client disposed, everything ends with <see cref="XenstoreConnectionException"/>,
/// what is asked later too: the client does not connect again.</para>
/// </remarks>
public sealed partial class XsClient : IXenstore
{
    /// <summary>For the requests that answer <c>OK</c>.</summary>
    internal static readonly XsAnswer<bool> Done = static _ => true;

    private readonly Lock gate = new();
    private readonly Stream stream;
    private readonly XsClientOptions options;
    private readonly int maxPayload;
    private readonly XsOperations nodes;
    private readonly Task reading;

    private XsClient(Stream stream, XsClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        this.stream = stream;
        this.options = options ?? new();
        maxPayload = stream is XenbusDevice ? XenbusDevice.MaxPayload : XsHeader.MaxPayload;
        nodes = new(this, transaction: 0);
        reading = Task.Run(ReadAllAsync);
    }

    /// <summary>Connects to a xenstored.</summary>
    /// <param name="endpoint">Where; <see cref="XsEndpoint.FromEnvironment"/> for the usual place.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="XenstoreConnectionException">There is none, or it may not be used.</exception>
    public static Task<XsClient> ConnectAsync(XsEndpoint endpoint, CancellationToken cancel = default) =>
        ConnectAsync(endpoint, new(), cancel);

    /// <summary>Connects to a xenstored, with options.</summary>
    /// <inheritdoc cref="ConnectAsync(XsEndpoint, CancellationToken)"/>
    public static async Task<XsClient> ConnectAsync(XsEndpoint endpoint, XsClientOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        return new(await endpoint.OpenAsync(cancel).ConfigureAwait(false), options);
    }

    /// <summary>Speaks over any stream that goes both ways, reads of which can be cancelled; it is disposed with the client.</summary>
    public static XsClient Over(Stream stream, XsClientOptions? options = null) => new(stream, options);

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
    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.IsDomainIntroduced, domid, [], ReadFlag, cancel);

    /// <summary>Tells xenstored of a domain and the page it talks through; <c>@introduceDomain</c> fires. Dom0 only.</summary>
    /// <param name="domid">The domain.</param>
    /// <param name="frame">Machine frame number of the page that the toolstack gave the domain for xenstore.</param>
    /// <param name="port">The domain's event channel for it; 1 or above.</param>
    /// <param name="cancel">Ends the waiting; the domain may be introduced all the same.</param>
    /// <remarks>xenstore.txt, INTRODUCE. Of a domain that is known already, it is no error and fires nothing.</remarks>
    public Task IntroduceAsync(Domid domid, ulong frame, uint port, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.Introduce, domid,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{frame}\0{port}\0")), Done, cancel);

    /// <summary>Makes xenstored forget a domain; <c>@releaseDomain</c> fires and the nodes it owned vanish. Dom0 only.</summary>
    /// <remarks>xenstore.txt, RELEASE. ENOENT if the domain is not known.</remarks>
    public Task ReleaseAsync(Domid domid, CancellationToken cancel = default) =>
        AskAboutDomain(XsType.Release, domid, [], Done, cancel);

    /// <summary>
    /// Ends the connection, and with it every request, watch and transaction. Not to be waited for by a subscriber of
    /// <see cref="Watch"/> while it handles an event.
    /// </summary>
    /// <exception cref="AggregateException">Subscribers threw when they were told of the end; everything is released.</exception>
    public async ValueTask DisposeAsync()
    {
        Close("The client was disposed.", null);
        await reading.ConfigureAwait(false);
    }

    private Task<T> AskAboutDomain<T>(XsType op, Domid domid, ReadOnlySpan<byte> rest, XsAnswer<T> read, CancellationToken cancel)
    {
        var name = domid.ToString();
        return Ask(new XsCall<T>(op, name, read), transaction: 0, name, rest, cancel);
    }

    private static bool ReadFlag(ReadOnlySpan<byte> payload) => XsPayload.Text(payload) switch
    {
        "T" => true,
        "F" => false,
        var other => throw new XsProtocolException($"T or F was expected, not {other.Length} other characters"),
    };
}
