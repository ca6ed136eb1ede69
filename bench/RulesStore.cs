using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Text;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Bench;

/// <summary>The least that is a store: what is measured is what lies above it.</summary>
internal sealed class RulesStore : IXenstore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, byte[]> nodes = [];
    private readonly Dictionary<object, (XsPath Path, WatchFilter? Filter, IObserver<WatchEvent> Observer)> watches = [];
    private readonly List<string> domids = ["0"];

    /// <summary>Those that are told, until a watch comes or goes: what is measured is not the making of this list.</summary>
    private (XsPath Path, WatchFilter? Filter, IObserver<WatchEvent> Observer)[]? told;

    public int WatchCount
    {
        get
        {
            lock (gate) return watches.Count;
        }
    }

    public void Add(Domid domid)
    {
        lock (gate)
        {
            domids.Add(domid.ToString());
            nodes[$"/local/domain/{domid}/vm"] = Encoding.ASCII.GetBytes($"/vm/u-{domid}");
            nodes[$"/local/domain/{domid}/name"] = Encoding.ASCII.GetBytes($"vm{domid}");
        }
    }

    /// <summary>As a guest: writes its request, and the event of it comes.</summary>
    public void Request(Domid domid, string words)
    {
        lock (gate) nodes[$"/local/domain/{domid}/device/qpen"] = Encoding.ASCII.GetBytes(words);
        Happen($"/local/domain/{domid}/device/qpen");
    }

    /// <summary>Something is written: whoever watches it, or what is above it, is told, as the client tells it.</summary>
    public void Happen(string path) => Happen(path, Encoding.ASCII.GetBytes(path));

    public void Happen(string path, ReadOnlySpan<byte> bytes)
    {
        (XsPath Path, WatchFilter? Filter, IObserver<WatchEvent> Observer)[] all;
        lock (gate) all = told ??= [.. watches.Values];
        foreach (var (watched, filter, observer) in all)
        {
            if (!path.StartsWith(watched.ToString(), StringComparison.Ordinal) || (filter is not null && !filter(bytes))) continue;
            observer.OnNext(new(new XsPath(path)));
        }
    }

    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => Observable.Create<WatchEvent>(observer =>
    {
        var token = new object();
        lock (gate)
        {
            watches.Add(token, (path, filter, observer));
            told = null;
        }

        observer.OnNext(new(path, WatchKind.Registered));
        return Disposable.Create(() =>
        {
            lock (gate)
            {
                watches.Remove(token);
                told = null;
            }
        });
    });

    public Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default)
    {
        lock (gate)
        {
            return nodes.TryGetValue(path.ToString(), out var value) ? Task.FromResult(value)
                : Task.FromException<byte[]>(new XenstoreException(XsType.Read, path.ToString(), XsError.ENOENT));
        }
    }

    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<string>>([.. domids]);
    }

    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default)
    {
        lock (gate) nodes[path.ToString()] = value.ToArray();
        return Task.CompletedTask;
    }

    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => Task.CompletedTask;

    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => Task.CompletedTask;

    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default) => Task.CompletedTask;

    public Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default) => body(this, cancel);

    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default) => Task.FromResult(true);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
