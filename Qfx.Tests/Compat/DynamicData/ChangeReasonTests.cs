using DynamicData;

namespace Qfx.Tests.Compat.DynamicData;

/// <summary>What each edit of a cache says downstream, as the package's documentation has it.</summary>
public sealed class ChangeReasonTests : IDisposable
{
    private readonly SourceCache<(string Key, int Value), string> cache = new(item => item.Key);
    private readonly List<string> seen = [];

    public void Dispose() => cache.Dispose();

    [Fact]
    public void Edits_of_a_cache_have_these_reasons()
    {
        using var subscription = cache.Connect().Subscribe(Note);
        cache.AddOrUpdate(("a", 1));
        cache.AddOrUpdate(("a", 2));
        cache.Refresh(("a", 2));
        cache.Remove("a");
        cache.Remove("a");

        Assert.Equal(["Add a1", "Update a1>a2", "Refresh a2", "Remove a2"], seen);
    }

    [Fact]
    public void A_late_subscriber_gets_what_is_there_as_adds_of_one_set()
    {
        cache.AddOrUpdate([("a", 1), ("b", 2)]);
        using var subscription = cache.Connect().Subscribe(Note);

        Assert.Equal(["Add a1, Add b2"], seen);
    }

    [Fact]
    public void One_edit_is_one_change_set()
    {
        cache.AddOrUpdate(("a", 1));
        using var subscription = cache.Connect().Subscribe(Note);
        cache.Edit(updater =>
        {
            updater.AddOrUpdate(("b", 2));
            updater.Remove("a");
            updater.AddOrUpdate(("c", 3));
        });

        Assert.Equal(["Add a1", "Add b2, Remove a1, Add c3"], seen);
    }

    [Fact]
    public void A_filter_turns_updates_into_adds_and_removes()
    {
        using var subscription = cache.Connect().Filter(item => item.Value % 2 == 0).Subscribe(Note);
        cache.AddOrUpdate(("a", 1));
        cache.AddOrUpdate(("a", 2));
        cache.AddOrUpdate(("a", 4));
        cache.AddOrUpdate(("a", 5));
        cache.Remove("a");

        Assert.Equal(["Add a2", "Update a2>a4", "Remove a4"], seen);
    }

    [Fact]
    public void A_group_is_added_with_its_first_item_updated_with_each_other_and_removed_with_its_last()
    {
        var groups = new List<string>();
        using var subscription = cache.Connect().GroupWithImmutableState(item => item.Value).Subscribe(
            changes => groups.AddRange(changes.Select(change => $"{change.Reason} {change.Key}:{change.Current.Count}")));
        cache.AddOrUpdate(("a", 1));
        cache.AddOrUpdate(("b", 1));
        cache.AddOrUpdate(("b", 2));
        cache.Remove("a");

        Assert.Equal(["Add 1:1", "Update 1:2", "Add 2:1", "Update 1:1", "Remove 1:1"], groups);
    }

    [Fact]
    public void Disposing_of_a_cache_completes_its_streams()
    {
        var completed = false;
        using var subscription = cache.Connect().Subscribe(_ => { }, () => completed = true);
        cache.Dispose();

        Assert.True(completed);
    }

    private void Note(IChangeSet<(string Key, int Value), string> changes) => seen.Add(string.Join(", ", changes.Select(change =>
        change.Previous.HasValue
            ? $"{change.Reason} {Text(change.Previous.Value)}>{Text(change.Current)}"
            : $"{change.Reason} {Text(change.Current)}")));

    private static string Text((string Key, int Value) item) => $"{item.Key}{item.Value}";
}
