using CsCheck;
using DynamicData;

namespace Qfx.Tests.Compat.DynamicData;

/// <summary>Whatever is done to a cache, what is derived from it is what it would be had it been made from the end state.</summary>
/// <remarks>One change a key in each edit: of several, the package's GroupWithImmutableState takes those of one group together, out of order.</remarks>
public sealed class CachePropertyTests
{
    private static readonly Gen<(int Key, int Value, bool Remove)[][]> Edits =
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 4], Gen.Bool).Array[0, 6].Array[0, 12];

    [Fact]
    public void Derived_caches_follow_every_edit() => Edits.Sample(edits =>
    {
        using var cache = new SourceCache<(int Key, int Value), int>(item => item.Key);
        using var even = cache.Connect().Filter(item => item.Value % 2 == 0).AsObservableCache();
        using var text = cache.Connect().Transform(item => $"{item.Value}").AsObservableCache();
        using var groups = cache.Connect().GroupWithImmutableState(item => item.Value).AsObservableCache();
        foreach (var edit in edits)
        {
            cache.Edit(updater =>
            {
                foreach (var (key, value, remove) in edit.DistinctBy(item => item.Key))
                {
                    if (remove) updater.Remove(key);
                    else updater.AddOrUpdate((key, value));
                }
            });

            Assert.Equal(cache.Items.Where(item => item.Value % 2 == 0).Order(), even.Items.Order());
            Assert.Equal(cache.Items.Select(item => $"{item.Value}").Order(), text.Items.Order());
            Assert.Equal(
                cache.Items.GroupBy(item => item.Value).Select(group => (group.Key, group.Count())).Order(),
                groups.Items.Select(group => (group.Key, group.Count)).Order());
        }
    });
}
