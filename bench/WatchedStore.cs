using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reactive.Linq;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>The daemon's connection, and when the last event of one key came through it.</summary>
internal sealed class WatchedStore(IXenstore store, XsPath key) : IXenstore
{
    private readonly ConcurrentDictionary<IXenstore, WatchedStore> lines = new();
    private long last;

    /// <summary>Since that event.</summary>
    public TimeSpan SinceEvent => Stopwatch.GetElapsedTime(Math.Max(Interlocked.Read(ref last), lines.Values.Select(line => Interlocked.Read(ref line.last)).DefaultIfEmpty().Max()));

    public async ValueTask<IXenstore> ForAsync(Domid guest, CancellationToken cancel = default) =>
        await store.ForAsync(guest, cancel) is var line && line == store ? this : lines.GetOrAdd(line, _ => new(line, key));

    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => store.Watch(path, filter).Do(happened =>
    {
        if (happened.Path == key) Interlocked.Exchange(ref last, Stopwatch.GetTimestamp());
    });

    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default) => store.ReadAsync(path, cancel);

    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default) => store.ListAsync(path, cancel);

    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default) => store.WriteAsync(path, value, cancel);

    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => store.MakeAsync(path, cancel);

    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => store.RemoveAsync(path, cancel);

    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) => store.GetPermissionsAsync(path, cancel);

    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) => store.SetPermissionsAsync(path, permissions, cancel);

    public Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default) => store.TransactAsync(body, cancel);

    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) => store.IsIntroducedAsync(domid, cancel);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
