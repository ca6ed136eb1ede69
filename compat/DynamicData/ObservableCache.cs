using System.Reactive.Linq;
using System.Reactive.Subjects;
using DynamicData.Kernel;

namespace DynamicData;

/// <summary>What every cache here is made of: the items, and who listens. Change sets go out in order, one at a time.</summary>
/// <remarks>Two locks: whoever reads waits for an edit, and not for observers that are being told of one.</remarks>
internal sealed class ObservableCache<TObject, TKey> : IObservableCache<TObject, TKey>
    where TObject : notnull
    where TKey : notnull
{
    private readonly Lock telling = new();
    private readonly Lock reading = new();
    private readonly Recorder<TObject, TKey> recorder = new();
    private readonly Subject<IChangeSet<TObject, TKey>> changes = new();
    private readonly Subject<int> counts = new();
    private readonly IDisposable? source;
    private bool editing;

    /// <summary>A cache that is changed with <see cref="Edit"/>.</summary>
    public ObservableCache()
    {
    }

    /// <summary>A cache that follows a stream of change sets, and ends and fails with it.</summary>
    public ObservableCache(IObservable<IChangeSet<TObject, TKey>> source) => this.source = source.Subscribe(
        set => Edit(items => items.Follow(set)),
        error =>
        {
            lock (telling) changes.OnError(error);
        },
        () =>
        {
            lock (telling) changes.OnCompleted();
        });

    public int Count => Read(items => items.Count);

    public IReadOnlyList<TObject> Items => Read(items => items.Values.ToArray());

    public IReadOnlyList<TKey> Keys => Read(items => items.Keys.ToArray());

    public IReadOnlyDictionary<TKey, TObject> KeyValues => Read(items => new Dictionary<TKey, TObject>(items));

    public IObservable<int> CountChanged => Observable.Create<int>(observer =>
    {
        lock (telling) return counts.StartWith(Count).DistinctUntilChanged().Subscribe(observer);
    });

    public Optional<TObject> Lookup(TKey key)
    {
        lock (reading) return recorder.Lookup(key);
    }

    public IObservable<IChangeSet<TObject, TKey>> Connect(Func<TObject, bool>? predicate = null, bool suppressEmptyChangeSets = true)
    {
        var everything = Observable.Create<IChangeSet<TObject, TKey>>(observer =>
        {
            lock (telling)
            {
                observer.OnNext(Read(items => new ChangeSet<TObject, TKey>(
                    items.Select(pair => new Change<TObject, TKey>(ChangeReason.Add, pair.Key, pair.Value)))));
                return changes.Subscribe(observer);
            }
        });
        if (predicate is not null) return everything.Filter(predicate, suppressEmptyChangeSets);
        return suppressEmptyChangeSets ? everything.Where(set => set.Count > 0) : everything;
    }

    public IObservable<Change<TObject, TKey>> Watch(TKey key) => Observable.Create<Change<TObject, TKey>>(observer =>
    {
        lock (telling)
        {
            var now = Lookup(key);
            if (now.HasValue) observer.OnNext(new(ChangeReason.Add, key, now.Value));
            return changes
                .SelectMany(set => set.Where(change => EqualityComparer<TKey>.Default.Equals(change.Key, key)))
                .Subscribe(observer);
        }
    });

    public void Edit(Action<Recorder<TObject, TKey>> edit)
    {
        lock (telling)
        {
            if (editing)
            {
                edit(recorder);
                return;
            }

            ChangeSet<TObject, TKey> made;
            editing = true;
            try
            {
                lock (reading)
                {
                    edit(recorder);
                    made = recorder.Take();
                }
            }
            finally
            {
                editing = false;
            }

            changes.OnNext(made);
            counts.OnNext(Count);
        }
    }

    public void Dispose()
    {
        source?.Dispose();
        lock (telling)
        {
            changes.OnCompleted();
            counts.OnCompleted();
        }
    }

    private T Read<T>(Func<Dictionary<TKey, TObject>, T> read)
    {
        lock (reading) return read(recorder.Items);
    }
}
