using System.Globalization;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support;

/// <summary>The embedded store's core as an <see cref="IXenstore"/> in the test's own thread: no sockets, no waiting, for virtual time.</summary>
/// <remarks>Every task has ended when it is returned. Events come after the request that made them, before the next one.</remarks>
internal sealed class CoreStore : IXenstore
{
    private readonly StoreCore core;
    private readonly StoreConnection connection;
    private readonly Queue<Action> events = new();
    private readonly Dictionary<string, (XsPath Path, WatchFilter? Filter, IObserver<WatchEvent> Observer, bool[] Seen)> watches = [];
    private byte[]? reply;
    private bool delivering;
    private readonly Action? afterwards;
    private int lastToken;

    /// <param name="core">Shared by all that look at the same store.</param>
    /// <param name="domid">Whose rights it has.</param>
    /// <param name="afterwards">Called after each of its requests: others may have something to deliver.</param>
    public CoreStore(StoreCore core, Domid domid, Action? afterwards = null)
    {
        this.core = core;
        this.afterwards = afterwards;
        connection = new(domid, Take);
        core.Connect(connection);
    }

    /// <summary>Watches that it holds on the server.</summary>
    public int WatchCount => connection.Watches.Count;

    /// <summary>What xen-init-dom0 leaves.</summary>
    public static StoreCore NewCore()
    {
        var core = new StoreCore((_, _) => { });
        var store = new CoreStore(core, Domid.Zero);
        store.WriteTextAsync(new XsPath("/local/domain/0/name"), "Domain-0");
        store.WriteTextAsync(new XsPath("/vm"), "");
        return core;
    }

    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default) => Ask(XsType.Read, 0, path, [], bytes => bytes);

    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default) => Ask(XsType.Directory, 0, path, [], List);

    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default) => Ask(XsType.Write, 0, path, value.ToArray(), _ => true);

    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => Ask(XsType.Mkdir, 0, path, [], _ => true);

    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => Ask(XsType.Rm, 0, path, [], _ => true);

    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) => Ask(XsType.GetPerms, 0, path, [], Permissions);

    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) =>
        Ask(XsType.SetPerms, 0, path, Bytes(permissions), _ => true);

    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) => Task.FromResult(core.IsIntroduced(domid));

    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => Observable.Create<WatchEvent>(observer =>
    {
        var token = (++lastToken).ToString(CultureInfo.InvariantCulture);
        watches.Add(token, (path, filter, observer, [false]));
        if (Ask(XsType.Watch, 0, path, Encoding.ASCII.GetBytes(token + "\0"), _ => true).Exception is { InnerException: { } refused })
        {
            watches.Remove(token);
            observer.OnError(refused);
            return Disposable.Empty;
        }

        return Disposable.Create(() =>
        {
            watches.Remove(token);
            _ = Ask(XsType.Unwatch, 0, path, Encoding.ASCII.GetBytes(token + "\0"), _ => true);
        });
    });

    public async Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default)
    {
        var id = uint.Parse(Encoding.ASCII.GetString(Raw(XsType.TransactionStart, 0, [0])).TrimEnd('\0'), CultureInfo.InvariantCulture);
        T result;
        try
        {
            result = await body(new Transaction(this, id), cancel);
        }
        catch
        {
            Raw(XsType.TransactionEnd, id, "F\0"u8.ToArray());
            throw;
        }

        Raw(XsType.TransactionEnd, id, "T\0"u8.ToArray());
        Deliver();
        return result;
    }

    /// <summary>The connection breaks: every watch ends with the error that a client's would end with.</summary>
    public void Lose()
    {
        foreach (var (_, _, observer, _) in watches.Values.ToArray()) observer.OnError(new XenstoreConnectionException("lost"));
    }

    /// <summary>The connection broke and was made again: every watch is told to look anew.</summary>
    public void Resync()
    {
        foreach (var (path, _, observer, _) in watches.Values.ToArray()) observer.OnNext(new(path, WatchKind.Resync));
    }

    /// <summary>Brings what has happened since; called by whoever made it happen from outside.</summary>
    public void Deliver()
    {
        lock (core)
        {
            if (delivering) return;
            delivering = true;
            while (events.TryDequeue(out var happened)) happened();
            delivering = false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Take(byte[] message)
    {
        XsHeader.TryRead(message, out var header);
        if (header.Type != XsType.WatchEvent)
        {
            reply = message;
            return;
        }

        var parts = Encoding.Latin1.GetString(message, XsHeader.Size, header.Length).Split('\0');
        events.Enqueue(() =>
        {
            if (!watches.TryGetValue(parts[1], out var watch)) return;
            if (watch.Seen[0] && watch.Filter is { } passes && !passes(Encoding.Latin1.GetBytes(parts[0]))) return;
            var kind = watch.Seen[0] ? WatchKind.Changed : WatchKind.Registered;
            watch.Seen[0] = true;
            watch.Observer.OnNext(new(new XsPath(parts[0]), kind));
        });
    }

    private Task<T> Ask<T>(XsType type, uint transaction, XsPath path, byte[] rest, Func<byte[], T> read)
    {
        lock (core)    // what a caller does next may come from the pool
        {
            try
            {
                var answer = Raw(type, transaction, [.. Encoding.ASCII.GetBytes(path.ToString()), 0, .. rest], path.ToString());
                if (transaction == 0)
                {
                    Deliver();
                    afterwards?.Invoke();
                }

                return Task.FromResult(read(answer));
            }
            catch (XenstoreException e)
            {
                return Task.FromException<T>(e);
            }
        }
    }

    private byte[] Raw(XsType type, uint transaction, byte[] payload, string? path = null)
    {
        core.Handle(connection, new(type, 1, transaction, payload.Length), payload);
        XsHeader.TryRead(reply, out var header);
        var answer = reply![XsHeader.Size..];
        return header.Type == XsType.Error
            ? throw new XenstoreException(type, path, new(Encoding.ASCII.GetString(answer).TrimEnd('\0'))) : answer;
    }

    private static IReadOnlyList<string> List(byte[] payload) => Encoding.Latin1.GetString(payload).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static XsPermissions Permissions(byte[] payload) => XsPermissions.TryParse(List(payload).ToArray(), out var permissions)
        ? permissions : throw new FormatException();

    private static byte[] Bytes(XsPermissions permissions) => Encoding.ASCII.GetBytes(string.Concat(permissions.Entries.Select(e => $"{e}\0")));

    private sealed class Transaction(CoreStore store, uint id) : IXsOperations
    {
        public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default) => store.Ask(XsType.Read, id, path, [], bytes => bytes);

        public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default) => store.Ask(XsType.Directory, id, path, [], List);

        public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default) =>
            store.Ask(XsType.Write, id, path, value.ToArray(), _ => true);

        public Task MakeAsync(XsPath path, CancellationToken cancel = default) => store.Ask(XsType.Mkdir, id, path, [], _ => true);

        public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => store.Ask(XsType.Rm, id, path, [], _ => true);

        public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) =>
            store.Ask(XsType.GetPerms, id, path, [], Permissions);

        public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) =>
            store.Ask(XsType.SetPerms, id, path, Bytes(permissions), _ => true);
    }
}
