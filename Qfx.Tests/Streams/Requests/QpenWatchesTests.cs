using System.Reactive.Linq;
using System.Text;
using CsCheck;
using Qfx.Streams.Marbles;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Requests;

/// <summary>How the keys are watched: one watch a domain, or one for all, and nothing lost on the way from one to the other.</summary>
public sealed class QpenWatchesTests : IAsyncDisposable
{
    private readonly StoreCore core = CoreStore.NewCore();
    private readonly CoreStore store;
    private readonly QpenWatches watches;
    private readonly Dictionary<int, (IDisposable Subscription, List<string> Seen)> followed = [];

    public QpenWatchesTests()
    {
        store = new(core, Domid.Zero);
        watches = new(store, new WatchStrategy(Above: 4, Below: 3));
    }

    public async ValueTask DisposeAsync()
    {
        watches.Dispose();
        await store.DisposeAsync();
    }

    /// <summary>Domains come (c) and go (g). More than four: one watch for all (A); fewer than three: one for each (e). Twice each way, and not to and fro in between.</summary>
    [Theory]
    [InlineData(
        "cccccgcgggcgcccccggggg|",
        "eeeeAAAAAeeeeeAAAAAAAe|")]
    [InlineData(
        "ccccgcgcgcgcg|",
        "eeeeeeeeeeeee|")]
    [InlineData(
        "cccccggccggccgg|",
        "eeeeAAAAAAAAAAA|")]
    [InlineData(
        "(ccccc)(ggg)c-c--#",
        "(eeeeA)(AAe)e-e--#")]
    public void The_way_of_watching_changes_with_the_number_of_domains_and_not_to_and_fro(string domains, string ways) =>
        Marble.Check(
            domains,
            (steps, _) => steps.Select(step =>
            {
                if (step == 'c') Follow(Enumerable.Range(1, 20).First(n => !followed.ContainsKey(n)));
                else Leave(followed.Keys.Max());
                return watches.IsCovering ? 'A' : 'e';
            }),
            ways,
            MarbleLetters.Chars(),
            MarbleValues.Of(('A', 'A'), ('e', 'e')));

    [Fact]
    public void One_watch_is_held_for_all_or_one_for_each()
    {
        for (var n = 1; n <= 4; n++) Follow(n);
        Assert.Equal(4, store.WatchCount);
        Follow(5);
        Assert.Equal(1, store.WatchCount);
        for (var n = 5; n >= 3; n--) Leave(n);
        Assert.Equal(2, store.WatchCount);
        Leave(1);
        Leave(2);
        Assert.Equal(0, store.WatchCount);
    }

    [Fact]
    public void Each_domain_is_told_to_look_when_it_is_followed_and_when_the_way_changes()
    {
        for (var n = 1; n <= 6; n++) Follow(n);
        Assert.All(followed.Values, follower => Assert.NotEmpty(follower.Seen));
        foreach (var (_, seen) in followed.Values) seen.Clear();
        for (var n = 6; n >= 3; n--) Leave(n);
        Assert.All(followed.Values, follower => Assert.Contains("Registered", follower.Seen));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_write_is_told_to_its_domain_alone_either_way(int domains)
    {
        for (var n = 1; n <= domains; n++) Follow(n);
        foreach (var (_, seen) in followed.Values) seen.Clear();
        await store.WriteTextAsync(QpenNode.Of(new(2)), "new", TestContext.Current.CancellationToken);
        await store.WriteTextAsync(XsPath.Home(new(2)) / "memory/target", "1", TestContext.Current.CancellationToken);

        Assert.Equal(["Changed"], followed[2].Seen);
        Assert.All(followed.Where(pair => pair.Key != 2), pair => Assert.Empty(pair.Value.Seen));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_parent_that_goes_is_told_too(int domains)
    {
        await store.WriteTextAsync(QpenNode.Of(new(2)), "", TestContext.Current.CancellationToken);
        for (var n = 1; n <= domains; n++) Follow(n);
        foreach (var (_, seen) in followed.Values) seen.Clear();
        await store.RemoveAsync(XsPath.Home(new(2)) / "device", TestContext.Current.CancellationToken);

        Assert.Equal(["Changed"], followed[2].Seen);
    }

    [Fact]
    public void After_a_lost_connection_everybody_looks_anew()
    {
        for (var n = 1; n <= 5; n++) Follow(n);
        foreach (var (_, seen) in followed.Values) seen.Clear();
        store.Resync();
        Assert.All(followed.Values, follower => Assert.Equal(["Resync"], follower.Seen));
    }

    [Fact]
    public void One_domain_more_is_nothing_to_the_others_and_has_no_watch_of_its_own_while_one_is_there_for_all()
    {
        Follow(1);
        Follow(2);
        Assert.Equal(["Registered"], followed[1].Seen);
        for (var n = 3; n <= 5; n++) Follow(n);
        foreach (var (_, seen) in followed.Values) seen.Clear();

        Follow(6);

        Assert.Equal(["Registered"], followed[6].Seen);
        Assert.All(followed.Where(pair => pair.Key != 6), pair => Assert.Empty(pair.Value.Seen));
        Assert.Equal(1, store.WatchCount);
    }

    [Fact]
    public void Who_comes_before_the_one_watch_is_there_gets_none_of_its_own_and_is_told_when_it_is()
    {
        var seen = new HashSet<int>();
        var held = 0;
        using var within = store.Watch(new("/within")).Take(1).Subscribe(_ =>
        {
            // While one event is told, those of new watches wait.
            for (var n = 1; n <= 9; n++)
            {
                var domid = n;
                watches.Of(new(domid)).Subscribe(_ => seen.Add(domid));
            }

            held = store.WatchCount;
        });

        Assert.Equal(7, held);    // of the first five, before there were many; the one for all; and the test's own
        Assert.Equal(1, store.WatchCount);
        Assert.Equal(Enumerable.Range(1, 9), seen.Order());
    }

    [Fact]
    public async Task Whoever_follows_a_domain_that_is_followed_already_takes_its_place()
    {
        Follow(1);
        var newer = new List<WatchKind>();
        using var second = watches.Of(new(1)).Subscribe(e => newer.Add(e.Kind));
        followed[1].Seen.Clear();
        newer.Clear();

        await store.WriteTextAsync(QpenNode.Of(new(1)), "new", TestContext.Current.CancellationToken);

        Assert.Equal([WatchKind.Changed], newer);
        Assert.Empty(followed[1].Seen);
        Assert.Equal(1, store.WatchCount);

        Leave(1);    // the older one: that is nothing to the newer one, whichever way it is watched
        for (var n = 2; n <= 5; n++) Follow(n);
        Assert.True(watches.IsCovering);
        newer.Clear();
        await store.WriteTextAsync(QpenNode.Of(new(1)), "send personal", TestContext.Current.CancellationToken);
        Assert.Equal([WatchKind.Changed], newer);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Disposal_ends_every_watch_and_whoever_leaves_later_makes_none_again(int domains)
    {
        for (var n = 1; n <= domains; n++) Follow(n);

        watches.Dispose();

        Assert.Equal(0, store.WatchCount);
        Assert.Throws<ObjectDisposedException>(() => watches.Of(new(9)).Subscribe(_ => { }));
        for (var n = domains; n > 0; n--)
        {
            Leave(n);
            Assert.Equal(0, store.WatchCount);
        }
    }

    [Theory]
    [InlineData("/local/domain/7/device/qpen", 7)]
    [InlineData("/local/domain/7/device", 7)]
    [InlineData("/local/domain/7", 7)]
    [InlineData("/local/domain/7/device/qpen/child", null)]
    [InlineData("/local/domain/7/device/vbd/51712", null)]
    [InlineData("/local/domain/7/memory/target", null)]
    [InlineData("/local/domain/07/device/qpen", null)]
    [InlineData("/local/domain/x/device/qpen", null)]
    [InlineData("/local/domain/", null)]
    [InlineData("/local/domain", null)]
    [InlineData("/vm/7", null)]
    [InlineData("", null)]
    public void An_event_is_told_apart_by_its_bytes(string path, int? domid)
    {
        Assert.Equal(domid is not null, QpenWatches.Concerns(Encoding.ASCII.GetBytes(path), out var found));
        if (domid is { } expected) Assert.Equal(expected, found.Value);
    }

    [Fact]
    public void No_bytes_break_it_and_nothing_is_allocated()
    {
        Gen.Byte.Array[0, 64].Sample(bytes => { QpenWatches.Concerns(bytes, out _); });
        var path = "/local/domain/31000/memory/target"u8.ToArray();
        QpenWatches.Concerns(path, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) QpenWatches.Concerns(path, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Whatever comes and goes, a write after it is told to its domain.</summary>
    [Fact]
    public void Nothing_is_lost_whatever_comes_and_goes() => Gen.Int[1, 8].Array[1, 40].Sample(steps =>
    {
        var one = new CoreStore(CoreStore.NewCore(), Domid.Zero);
        using var watched = new QpenWatches(one, new WatchStrategy(Above: 4, Below: 3));
        var live = new Dictionary<int, (IDisposable Subscription, List<WatchKind> Seen)>();
        foreach (var n in steps)
        {
            if (live.Remove(n, out var gone))
            {
                gone.Subscription.Dispose();
                continue;
            }

            var seen = new List<WatchKind>();
            live.Add(n, (watched.Of(new(n)).Subscribe(e => seen.Add(e.Kind)), seen));
            Assert.NotEmpty(seen);
            foreach (var (domid, follower) in live)
            {
                var before = follower.Seen.Count;
                one.WriteTextAsync(QpenNode.Of(new(domid)), "new");
                Assert.True(follower.Seen.Count > before, $"a write of domain {domid} was not told");
            }
        }
    });

    private void Follow(int n)
    {
        var seen = new List<string>();
        followed.Add(n, (watches.Of(new(n)).Subscribe(e => seen.Add(e.Kind.ToString())), seen));
    }

    private void Leave(int n)
    {
        followed.Remove(n, out var gone);
        gone.Subscription.Dispose();
    }
}
