namespace DynamicData;

public static partial class ObservableCacheEx
{
    /// <summary>An edit of one: an Add, or an Update if its key is there.</summary>
    public static void AddOrUpdate<TObject, TKey>(this ISourceCache<TObject, TKey> source, TObject item)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.AddOrUpdate(item));

    /// <summary>An edit: an Add or an Update for each, in one change set.</summary>
    public static void AddOrUpdate<TObject, TKey>(this ISourceCache<TObject, TKey> source, IEnumerable<TObject> items)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.AddOrUpdate(items));

    /// <summary>An edit: a Remove for everything that is there.</summary>
    public static void Clear<TObject, TKey>(this ISourceCache<TObject, TKey> source)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Clear());

    /// <summary>An edit that makes the cache hold exactly these: first the Removes, then the Adds, then the Updates.</summary>
    /// <param name="source">The cache.</param>
    /// <param name="allItems">All that is to be there.</param>
    /// <param name="areItemsEqual">Of what is there and what is to be there: whether no Update is needed.</param>
    public static void EditDiff<TObject, TKey>(
        this ISourceCache<TObject, TKey> source, IEnumerable<TObject> allItems, Func<TObject, TObject, bool> areItemsEqual)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(allItems);
        ArgumentNullException.ThrowIfNull(areItemsEqual);
        var wanted = allItems.ToArray();
        Editable(source).Edit(updater =>
        {
            var keys = wanted.Select(source.KeySelector).ToHashSet();
            var added = wanted.DistinctBy(source.KeySelector).Where(item => !updater.Lookup(source.KeySelector(item)).HasValue).ToArray();
            var changed = wanted.Where(item =>
                updater.Lookup(source.KeySelector(item)) is { HasValue: true } was && !areItemsEqual(was.Value, item)).ToArray();
            updater.Remove(updater.Keys.Where(key => !keys.Contains(key)).ToArray());
            updater.AddOrUpdate(added);
            updater.AddOrUpdate(changed);
        });
    }

    /// <inheritdoc cref="EditDiff{TObject, TKey}(ISourceCache{TObject, TKey}, IEnumerable{TObject}, Func{TObject, TObject, bool})"/>
    public static void EditDiff<TObject, TKey>(
        this ISourceCache<TObject, TKey> source, IEnumerable<TObject> allItems, IEqualityComparer<TObject> equalityComparer)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(equalityComparer);
        source.EditDiff(allItems, equalityComparer.Equals);
    }

    /// <summary>An edit: a Refresh of everything.</summary>
    public static void Refresh<TObject, TKey>(this ISourceCache<TObject, TKey> source)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Refresh());

    /// <summary>An edit: a Refresh of what is there under the item's key.</summary>
    public static void Refresh<TObject, TKey>(this ISourceCache<TObject, TKey> source, TObject item)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Refresh(item));

    /// <summary>An edit: a Remove, if there is something under the key.</summary>
    public static void Remove<TObject, TKey>(this ISourceCache<TObject, TKey> source, TKey key)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Remove(key));

    /// <summary>An edit: a Remove for each key under which there is something.</summary>
    public static void Remove<TObject, TKey>(this ISourceCache<TObject, TKey> source, IEnumerable<TKey> keys)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Remove(keys));

    /// <summary>An edit: a Remove, if there is something under the item's key.</summary>
    public static void Remove<TObject, TKey>(this ISourceCache<TObject, TKey> source, TObject item)
        where TObject : notnull
        where TKey : notnull => Editable(source).Edit(updater => updater.Remove(item));

    private static ISourceCache<TObject, TKey> Editable<TObject, TKey>(ISourceCache<TObject, TKey> source)
        where TObject : notnull
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(source);
        return source;
    }
}
