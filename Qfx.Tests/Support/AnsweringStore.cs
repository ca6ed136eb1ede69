using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Text;
using Qfx.Streams.Domains;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Support;

/// <summary>A store that answers what the test has put there, remembers what it was asked, and tells of events when the test says so.</summary>
internal sealed class AnsweringStore : IXenstore
{
    /// <summary>Requests in order: a path that was read, or a word and what it was about.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The children of /local/domain; null where it is missing.</summary>
    public List<string>? Listed { get; set; } = ["0"];

    /// <summary>Of a listing, where there is none.</summary>
    public XsError Refusal { get; set; } = XsError.ENOENT;

    public HashSet<Domid> Introduced { get; } = [Domid.Zero];

    public Dictionary<string, string> Nodes { get; } = [];

    public Dictionary<string, string> Permissions { get; } = [];

    /// <summary>Whoever watches, oldest first.</summary>
    public List<(XsPath Path, IObserver<WatchEvent> Observer)> Watches { get; } = [];

    /// <summary>Nodes that cannot be written.</summary>
    public HashSet<string> RefusedWrites { get; } = [];

    /// <summary>Done before each transaction: what another connection does at the last moment.</summary>
    public Action BeforeTransaction { get; set; } = () => { };

    /// <summary>Done before each read: how long it takes.</summary>
    public Func<string, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public int Transactions { get; private set; }

    /// <summary>Whether the nth attempt at a transaction, from 1, meets another one: then it has changed nothing, and is made again.</summary>
    public Func<int, bool> Meets { get; set; } = _ => false;

    /// <summary>A domain that runs.</summary>
    public AnsweringStore Has(Domain domain)
    {
        Listed?.Add(domain.Domid.ToString());
        Introduced.Add(domain.Domid);
        Nodes[$"/local/domain/{domain.Domid}/vm"] = $"/vm/{domain.Identity.Uuid}";
        Nodes[$"/local/domain/{domain.Domid}/name"] = domain.Name.ToString()!;
        return this;
    }

    /// <summary>Tells those that watch this very path; the first event is of the kind Registered.</summary>
    public void Tell(string path, WatchKind kind = WatchKind.Changed) => Tell(path, new WatchEvent(new(path), kind));

    /// <summary>Tells those that watch this very path of an event that is at another one.</summary>
    public void Tell(string path, WatchEvent happened)
    {
        foreach (var (_, observer) in Watches.Where(w => w.Path.ToString() == path).ToArray()) observer.OnNext(happened);
    }

    public int WatchesOf(string path) => Watches.Count(w => w.Path.ToString() == path);

    public async Task<byte[]> ReadAsync(XsPath path, CancellationToken cancel = default)
    {
        Asked.Add(path.ToString());
        await BeforeRead(path.ToString()).ConfigureAwait(false);
        return Nodes.TryGetValue(path.ToString(), out var value) ? Encoding.Latin1.GetBytes(value)
            : throw new XenstoreException(XsType.Read, path.ToString(), XsError.ENOENT);
    }

    public Task<IReadOnlyList<string>> ListAsync(XsPath path, CancellationToken cancel = default)
    {
        Asked.Add($"list {path}");
        return Listed is not null ? Task.FromResult<IReadOnlyList<string>>(Listed)
            : Task.FromException<IReadOnlyList<string>>(new XenstoreException(XsType.Directory, path.ToString(), Refusal));
    }

    public Task<bool> IsIntroducedAsync(Domid domid, CancellationToken cancel = default)
    {
        Asked.Add($"introduced {domid}");
        return Task.FromResult(Introduced.Contains(domid));
    }

    public Task WriteAsync(XsPath path, ReadOnlyMemory<byte> value, CancellationToken cancel = default)
    {
        Asked.Add($"write {path}");
        if (RefusedWrites.Contains(path.ToString())) return Task.FromException(new XenstoreException(XsType.Write, path.ToString(), XsError.ENOMEM));
        Nodes[path.ToString()] = Encoding.Latin1.GetString(value.Span);
        return Task.CompletedTask;
    }

    public Task SetPermissionsAsync(XsPath path, XsPermissions permissions, CancellationToken cancel = default)
    {
        Permissions[path.ToString()] = permissions.ToString();
        return Task.CompletedTask;
    }

    public async Task<T> TransactAsync<T>(Func<IXsOperations, CancellationToken, Task<T>> body, CancellationToken cancel = default)
    {
        BeforeTransaction();
        Transactions++;
        for (var attempt = 1; ; attempt++)
        {
            var before = Nodes.ToArray();
            var result = await body(this, cancel).ConfigureAwait(false);
            if (LosesNextCommit is { } carriedOut)
            {
                LosesNextCommit = null;
                if (!carriedOut) Restore(before);
                throw new XenstoreConnectionException("lost");
            }

            if (!Meets(attempt)) return result;
            Restore(before);
            WhenMet();
        }
    }

    /// <summary>The connection is lost at the next commit, which is carried out or not.</summary>
    public bool? LosesNextCommit { get; set; }

    private void Restore(KeyValuePair<string, string>[] before)
    {
        Nodes.Clear();
        foreach (var (path, value) in before) Nodes.Add(path, value);
    }

    /// <summary>What the other one has done.</summary>
    public Action WhenMet { get; set; } = () => { };

    public IObservable<WatchEvent> Watch(XsPath path, WatchFilter? filter = null) => Observable.Create<WatchEvent>(observer =>
    {
        var watch = (path, observer);
        Watches.Add(watch);
        return Disposable.Create(() => Watches.Remove(watch));
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task MakeAsync(XsPath path, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task RemoveAsync(XsPath path, CancellationToken cancel = default) => throw new NotSupportedException();

    public Task<XsPermissions> GetPermissionsAsync(XsPath path, CancellationToken cancel = default) => throw new NotSupportedException();
}
