using DynamicData;
using Microsoft.Reactive.Testing;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Store;

namespace Qfx.Tests.Streams.Requests;

/// <summary>What is looked at when: by a store that counts.</summary>
public sealed class TakeRequestsTests : IDisposable
{
    private const string Home = "/local/domain/1";
    private const string Key = Home + "/device/qpen";

    private static readonly Domain Work = new(new(new Domid(1), "u-1"), VmName.Parse("work"), RanBefore: false);

    private readonly AnsweringStore store = new AnsweringStore().Has(Work);
    private readonly SourceCache<Domain, Domid> domains = new(domain => domain.Domid);
    private readonly TestScheduler time = new();
    private readonly List<QpenEvent> events = [];
    private readonly MemoryNotes notes = new();
    private readonly IDisposable following;

    public TakeRequestsTests() => following = domains.Connect().TakeRequests(store, notes, "ready", perSecond: 20, time).Subscribe(events.Add);

    public void Dispose()
    {
        following.Dispose();
        domains.Dispose();
        Assert.Empty(store.Watches);
    }

    [Fact]
    public void A_domain_is_prepared_once_and_a_rename_changes_nothing()
    {
        Appears(Work);
        domains.AddOrUpdate(Work with { Name = VmName.Parse("play") });
        store.Tell(Key);

        Assert.IsType<QpenEvent.Prepared>(Assert.Single(events));
        Assert.Equal(1, store.WatchesOf(Key));
    }

    [Fact]
    public void Another_life_under_the_same_domid_is_prepared_anew()
    {
        Appears(Work);
        var other = Work with { Identity = new(Work.Domid, "u-2") };
        store.Nodes[Home + "/vm"] = "/vm/u-2";

        Appears(other);

        Assert.Equal([Work.Identity, other.Identity], events.Select(e => Assert.IsType<QpenEvent.Prepared>(e).From));
    }

    [Fact]
    public void Where_another_domain_lives_by_now_nothing_is_taken()
    {
        store.Nodes[Key] = "new";
        store.Nodes[Home + "/vm"] = "/vm/u-2";

        Appears(Work);

        Assert.Empty(events);
        Assert.Equal("new", store.Nodes[Key]);
    }

    [Theory]
    [InlineData(Key, true)]
    [InlineData(Home + "/device", true)]
    [InlineData(Home, true)]
    [InlineData(Key + "/child", false)]
    [InlineData(Key + "/child/of/it", false)]
    public void An_event_at_the_key_or_above_is_a_reason_to_look_and_one_below_is_none(string path, bool looks)
    {
        Appears(Work);
        store.Asked.Clear();

        store.Tell(Key, new WatchEvent(new(path)));

        Assert.Equal(looks ? 1 : 0, store.Asked.Count(asked => asked == Key));
    }

    [Fact]
    public void A_key_that_was_just_made_is_not_looked_at_and_the_event_of_its_making_costs_one_read()
    {
        Appears(Work);
        Assert.Single(store.Asked, asked => asked == Key);
        var before = store.Transactions;
        store.Tell(Key);
        Assert.Equal((before, 2), (store.Transactions, store.Asked.Count(asked => asked == Key)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_is_taken_once_whether_the_commit_was_carried_out_that_the_connection_was_lost_at_or_not(bool carriedOut)
    {
        Appears(Work);
        store.LosesNextCommit = carriedOut;
        Writes("cancel");

        Assert.Equal([new Request.Cancel()], Taken());
        Assert.Equal(("", 1), (store.Nodes[Key], notes.Open(Work.Identity, 0)));
    }

    [Fact]
    public void The_event_of_our_own_taking_costs_no_transaction()
    {
        Appears(Work);
        store.Nodes[Key] = "new";
        store.Tell(Key);
        var before = store.Transactions;
        store.Tell(Key);
        Assert.Equal(before, store.Transactions);
        store.Tell(Key);    // no longer
        Assert.Equal(before + 1, store.Transactions);
    }

    [Fact]
    public void A_key_that_is_gone_is_made_again()
    {
        Appears(Work);
        store.Nodes.Remove(Key);
        store.Tell(Key);
        Assert.Equal("", store.Nodes[Key]);
    }

    [Fact]
    public void What_comes_into_a_key_while_it_is_made_again_is_taken_also_of_a_domain_that_ran_before()
    {
        Appears(Work with { RanBefore = true });
        store.Nodes.Remove(Key);
        store.BeforeTransaction = () => store.Nodes.TryAdd(Key, "new");

        store.Tell(Key);
        store.Tell(Key);

        Assert.IsType<QpenEvent.Taken>(events[^1]);
    }

    [Fact]
    public void Three_are_taken_in_a_row_and_then_one_every_fiftieth_of_a_second_the_last_that_was_written()
    {
        time.AdvanceBy(TimeSpan.FromDays(1).Ticks);
        Appears(Work);
        for (var i = 1; i <= 100; i++) Writes($"new {i}");
        Assert.Equal([1, 2, 3], Taken().OfType<Request.New>().Select(r => r.MiB));

        time.AdvanceBy(TimeSpan.FromMilliseconds(49).Ticks);
        Assert.Equal(3, Taken().Count());
        time.AdvanceBy(TimeSpan.FromMilliseconds(1).Ticks);
        Assert.Equal(new Request.New(100, false), Taken().Last());

        Writes("cancel");
        Writes("new 7");
        Assert.Equal(4, Taken().Count());
        time.AdvanceBy(TimeSpan.FromMilliseconds(50).Ticks);
        Assert.Equal(new Request.New(7, false), Taken().Last());
    }

    [Fact]
    public void Who_asks_too_fast_is_not_listened_to_until_nothing_is_found_and_then_is_again()
    {
        Appears(Work);
        for (var i = 1; i <= 3; i++) Writes("cancel");
        Assert.Equal(0, store.WatchesOf(Key));

        Writes("umount");    // no event of it comes
        time.AdvanceBy(TimeSpan.FromMilliseconds(50).Ticks);
        Assert.Equal(new Request.Umount(null), Taken().Last());
        Assert.Equal(0, store.WatchesOf(Key));

        time.AdvanceBy(TimeSpan.FromMilliseconds(50).Ticks);
        Assert.Equal(1, store.WatchesOf(Key));

        store.Nodes[Key] = "new";    // between the look and the watch
        store.Tell(Key, WatchKind.Registered);
        Assert.Equal(new Request.New(null, false), Taken().Last());
    }

    [Fact]
    public void What_cannot_be_read_while_nobody_listens_is_told_once()
    {
        Appears(Work);
        for (var i = 1; i <= 3; i++) Writes("cancel");
        store.BeforeRead = _ => Task.FromException(new XenstoreException(Qfx.Xen.Wire.XsType.Read, Key, XsError.EIO));
        time.AdvanceBy(TimeSpan.FromSeconds(10).Ticks);

        Assert.Single(events.OfType<QpenEvent.Refused>());
        Assert.Equal(1, store.WatchesOf(Key));
    }

    [Theory]
    [InlineData(36, 3000)]
    [InlineData(0, 50)]
    public void Where_others_have_asked_just_now_a_look_is_paid_for_with_its_time(int others, int rest)
    {
        Appears(Work);
        for (var i = 2; i < 2 + others; i++)
        {
            var other = new Domain(new(new Domid((ushort)i), $"u-{i}"), VmName.Parse($"other-{i}"), RanBefore: false);
            store.Has(other);
            domains.AddOrUpdate(other);
            store.Tell(KeyOf(other.Domid), WatchKind.Registered);
        }

        store.BeforeRead = path =>
        {
            if (path == Key) time.Sleep(TimeSpan.FromMilliseconds(50).Ticks);    // twice in a take that looks before
            return Task.CompletedTask;
        };
        for (var i = 2; i < 2 + others; i++) WritesTo(new((ushort)i), "new");
        for (var i = 0; i < 3; i++) Writes("cancel");
        Assert.Equal(3, Taken().Count());

        Writes("umount");
        var asked = store.Asked.Count;
        time.AdvanceBy(TimeSpan.FromMilliseconds(rest - 1).Ticks);
        Assert.Equal(asked, store.Asked.Count);
        time.AdvanceBy(TimeSpan.FromMilliseconds(1).Ticks);
        Assert.Equal(new Request.Umount(null), Taken().Last());
    }

    [Fact]
    public void Who_rests_may_ask_in_a_row_again_and_another_domain_does_not_wait()
    {
        Appears(Work);
        for (var i = 1; i <= 30; i++) Writes("cancel");
        var play = new Domain(new(new Domid(2), "u-2"), VmName.Parse("play"), RanBefore: false);
        store.Has(play).Nodes["/local/domain/2/device/qpen"] = "new";
        domains.AddOrUpdate(play);
        store.Tell("/local/domain/2/device/qpen", WatchKind.Registered);
        Assert.Equal(play.Identity, events[^1].From);

        time.AdvanceBy(TimeSpan.FromSeconds(2).Ticks);
        store.Tell(Key, WatchKind.Registered);
        var before = Taken().Count();
        for (var i = 1; i <= 30; i++) Writes("cancel");
        Assert.Equal(before + 3, Taken().Count());
    }

    [Fact]
    public void What_is_overwritten_while_it_is_taken_is_looked_at_again_soon_though_no_event_says_so()
    {
        Appears(Work);
        store.Meets = attempt => attempt == 1;
        store.WhenMet = () => store.Nodes[Key] = "cancel";
        Writes("new");
        Assert.Empty(Taken());

        store.Meets = _ => false;
        time.AdvanceBy(TimeSpan.FromMilliseconds(50).Ticks);
        Assert.Equal([new Request.Cancel()], Taken());
    }

    [Fact]
    public void A_key_that_is_deleted_over_and_over_is_made_again_no_faster_than_requests_are_taken()
    {
        Appears(Work);
        var before = store.Asked.Count(asked => asked == $"write {Key}");
        for (var i = 0; i < 100; i++)
        {
            store.Nodes.Remove(Key);
            store.Tell(Key);
        }

        Assert.Equal(3, Made());
        time.AdvanceBy(TimeSpan.FromMilliseconds(50).Ticks);
        Assert.Equal((4, ""), (Made(), store.Nodes[Key]));

        int Made() => store.Asked.Count(asked => asked == $"write {Key}") - before;
    }

    [Fact]
    public void Hundreds_that_ask_too_fast_share_one_look_at_a_time_and_who_asks_once_waits_for_none_of_them()
    {
        const int Many = 300;
        var all = Enumerable.Range(1, Many + 1).Select(n => new Domain(new(new Domid(n), $"u-{n}"), VmName.Parse($"vm-{n}"), RanBefore: false)).ToArray();
        foreach (var domain in all)
        {
            store.Has(domain);
            domains.AddOrUpdate(domain);
            store.Tell(KeyOf(domain.Domid), WatchKind.Registered);
        }

        foreach (var flooder in all[..Many])
        {
            for (var i = 0; i < 3; i++) WritesTo(flooder.Domid, $"new {i}");
        }

        var honest = all[Many].Domid;
        var never = new TaskCompletionSource();
        store.BeforeRead = path => path.StartsWith($"/local/domain/{honest}/", StringComparison.Ordinal) ? Task.CompletedTask : never.Task;
        store.Asked.Clear();
        foreach (var flooder in all[..Many]) WritesTo(flooder.Domid, "new 99");
        time.AdvanceBy(TimeSpan.FromSeconds(1).Ticks);
        Assert.Equal([KeyOf(new(1))], store.Asked);

        WritesTo(honest, "cancel");
        Assert.Equal((honest, new Request.Cancel()), (events[^1].From.Domid, Assert.IsType<QpenEvent.Taken>(events[^1]).Request));
    }

    private static string KeyOf(Domid domid) => $"/local/domain/{domid}/device/qpen";

    private void WritesTo(Domid domid, string request)
    {
        store.Nodes[KeyOf(domid)] = request;
        store.Tell(KeyOf(domid));
    }

    private IEnumerable<Request> Taken() => events.OfType<QpenEvent.Taken>().Where(e => e.From == Work.Identity).Select(e => e.Request);

    private void Writes(string request)
    {
        store.Nodes[Key] = request;
        store.Tell(Key);
    }

    private void Appears(Domain domain)
    {
        domains.AddOrUpdate(domain);
        store.Tell(Key, WatchKind.Registered);
    }
}
