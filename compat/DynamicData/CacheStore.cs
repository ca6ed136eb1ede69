using System.Reactive.Linq;
using System.Reactive.Subjects;
using DynamicData.Kernel;

namespace DynamicData;

/// <summary>What every cache here is made of: the items, and who listens. Changes go out in order, one set at a time.</summary>
internal sealed class CacheStore<TObject, TKey> : IDisposable
    where TObject : notnull
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, TObject> items = [];
    private readonly Subject<IChangeSet<TObject, TKey>> changes = new();

    public int Count
    {
        get
        {
            lock (gate) return items.Count;
        }
    }

    public Dictionary<TKey, TObject> Snapshot()
    {
        lock (gate) return new(items);
    }

    public Optional<TObject> Lookup(TKey key)
    {
        lock (gate) return items.TryGetValue(key, out var item) ? new(item) : Optional<TObject>.None;
    }

    public IObservable<IChangeSet<TObject, TKey>> Connect() => Observable.Create<IChangeSet<TObject, TKey>>(observer =>
    {
        lock (gate)
        {
            if (items.Count > 0)
            {
                observer.OnNext(new ChangeSet<TObject, TKey>(
                    items.Select(pair => new Change<TObject, TKey>(ChangeReason.Add, pair.Key, pair.Value))));
            }

            return changes.Subscribe(observer);
        }
    });

    public void Change(Action<Dictionary<TKey, TObject>, ChangeSet<TObject, TKey>> edit)
    {
        lock (gate)
        {
            var set = new ChangeSet<TObject, TKey>();
            edit(items, set);
            if (set.Count > 0) changes.OnNext(set);
        }
    }

    public void Fail(Exception error)
    {
        lock (gate) changes.OnError(error);
    }

    public void Dispose()
    {
        lock (gate) changes.OnCompleted();
    }

    public static void Set(Dictionary<TKey, TObject> items, ChangeSet<TObject, TKey> set, TKey key, TObject item)
    {
        set.Add(items.TryGetValue(key, out var was)
            ? new(ChangeReason.Update, key, item, new Optional<TObject>(was))
            : new(ChangeReason.Add, key, item));
        items[key] = item;
    }

    public static void Remove(Dictionary<TKey, TObject> items, ChangeSet<TObject, TKey> set, TKey key)
    {
        if (items.Remove(key, out var was)) set.Add(new(ChangeReason.Remove, key, was));
    }
}
