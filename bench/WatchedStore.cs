using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reactive.Linq;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Bench;

/// <summary>The daemon's connection, and when the last event of each of some keys came through it.</summary>
internal sealed class WatchedStore(IXenstore store, IReadOnlySet<XsPath> keys) : IXenstore
{
    private readonly ConcurrentDictionary<IXenstore, WatchedStore> lines = new();
    private readonly ConcurrentDictionary<XsPath, long> last = new();

    /// <summary>Since that event.</summary>
    public TimeSpan SinceEvent(XsPath key) => Stopwatch.GetElapsedTime(lines.Values.Append(this).Max(line => line.last.GetValueOrDefault(key)));

    public async ValueTask<IXenstore> ForAsync(Domid guest, CancellationToken cancel = default) =>
        await store.ForAsync(guest, cancel) is var line && line == store ? this : lines.GetOrAdd(line, _ => new(line, keys));

    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => store.Watch(path, filter).Do(happened =>
    {
        if (keys.Contains(happened.Path)) last[happened.Path] = Stopwatch.GetTimestamp();
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
