using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Store;
using Qfx.Xen.Wire;

namespace Qfx.Tests.Streams.Requests;

/// <summary>The way from a watch for each domain to one for all and back, with a server that takes its time for each watch.</summary>
public sealed class QpenWatchesOrderTests : IDisposable
{
    private const string All = "/local/domain";

    private readonly AnsweringStore store = new();
    private readonly QpenWatches watches;
    private readonly Dictionary<int, (IDisposable Subscription, List<WatchKind> Seen)> followed = [];
    private readonly List<Exception> errors = [];

    public QpenWatchesOrderTests() => watches = new(store, new WatchStrategy(Above: 2, Below: 2));

    public void Dispose()
    {
        watches.Dispose();
        Assert.Empty(store.Watches);
    }

    [Fact]
    public void The_watches_of_the_domains_stay_until_the_one_for_all_is_there()
    {
        Follow(1, 2, 3);
        Assert.Equal((1, 1, 1, 1), Held());
        Assert.False(watches.IsCovering);

        store.Tell(All, WatchKind.Registered);

        Assert.Equal((1, 0, 0, 0), Held());
        Assert.True(watches.IsCovering);
        Assert.All(followed.Values, follower => Assert.Equal([WatchKind.Registered], follower.Seen));
    }

    [Fact]
    public void The_one_for_all_stays_until_the_last_of_the_others_is_there()
    {
        Follow(1, 2, 3);
        store.Tell(All, WatchKind.Registered);
        Leave(3, 2);
        Assert.Equal((1, 1, 0, 0), Held());    // fewer than two

        store.Tell(Key(1), WatchKind.Registered);

        Assert.Equal((0, 1, 0, 0), Held());
    }

    [Fact]
    public void Of_several_that_are_awaited_the_last_counts_and_so_does_one_that_ends()
    {
        using var three = new QpenWatches(store, new WatchStrategy(Above: 3, Below: 3));
        var subscriptions = Enumerable.Range(1, 4).Select(n => three.Of(new(n)).Subscribe(_ => { }, errors.Add)).ToArray();
        store.Tell(All, WatchKind.Registered);
        subscriptions[3].Dispose();
        subscriptions[2].Dispose();
        store.Tell(Key(1), WatchKind.Registered);
        store.Tell(Key(1));
        Assert.Equal(1, store.WatchesOf(All));

        store.Watches.Single(w => w.Path.ToString() == Key(2)).Observer.OnError(new XenstoreException(XsType.Watch, Key(2), XsError.E2BIG));

        Assert.Equal(0, store.WatchesOf(All));
        Assert.IsType<XenstoreException>(Assert.Single(errors));
    }

    [Fact]
    public void A_watch_for_all_that_comes_when_it_is_no_longer_wanted_changes_nothing()
    {
        Follow(1, 2, 3);
        Leave(3, 2);    // back before it is there
        store.Tell(All, WatchKind.Registered);

        Assert.False(watches.IsCovering);
        Assert.Equal(1, store.WatchesOf(Key(1)));
    }

    [Fact]
    public void Watches_that_come_when_one_for_all_is_wanted_again_do_not_end_that_one()
    {
        Follow(1, 2, 3);
        store.Tell(All, WatchKind.Registered);
        Leave(3, 2);
        var before = store.Watches.Single(w => w.Path.ToString() == Key(1)).Observer;
        Follow(2, 3);

        before.OnNext(new(new(Key(1)), WatchKind.Registered));

        Assert.Equal(1, store.WatchesOf(All));
        store.Tell(All, WatchKind.Registered);
        Assert.True(watches.IsCovering);
    }

    [Fact]
    public void An_error_of_the_one_for_all_is_everybodys()
    {
        Follow(1, 2, 3);
        store.Tell(All, WatchKind.Registered);

        store.Watches.Single(w => w.Path.ToString() == All).Observer.OnError(new XenstoreConnectionException("lost"));

        Assert.Equal(3, errors.Count);
    }

    private static string Key(int n) => QpenNode.Of(new(n)).ToString();

    /// <summary>Watches on all, and on the keys of the domains 1, 2 and 3.</summary>
    private (int All, int One, int Two, int Three) Held() => (store.WatchesOf(All), store.WatchesOf(Key(1)), store.WatchesOf(Key(2)), store.WatchesOf(Key(3)));

    private void Follow(params int[] domids)
    {
        foreach (var n in domids)
        {
            var seen = new List<WatchKind>();
            followed[n] = (watches.Of(new(n)).Subscribe(e => seen.Add(e.Kind), errors.Add), seen);
        }
    }

    private void Leave(params int[] domids)
    {
        foreach (var n in domids)
        {
            followed.Remove(n, out var gone);
            gone.Subscription.Dispose();
        }
    }
}
