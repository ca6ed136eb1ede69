using DynamicData;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>Who is who, and which slot is whose.</summary>
public sealed class ExchangeStateTests
{
    private static readonly Party Work = Moment.Party(1, "work");
    private static readonly Party Personal = Moment.Party(2, "personal");

    [Fact]
    public void A_name_means_one_domain_and_a_domain_has_one_name()
    {
        var state = Empty().Bind(Work.Name, Work.Domid).Bind(Personal.Name, Work.Domid);
        Assert.Null(state.Find(Work.Name));
        Assert.Equal((1, 1), (state.Names.Count, state.NamesOf.Count));
        Assert.Equal(Personal.Name, state.NamesOf[Work.Domid]);

        var moved = state.Bind(Personal.Name, Personal.Domid);
        Assert.Equal((1, 1), (moved.Names.Count, moved.NamesOf.Count));
        Assert.Equal(Personal.Domid, moved.Names[Personal.Name]);

        Assert.Same(moved, moved.Free(Work.Name));
        Assert.Empty(moved.Free(Personal.Name).Names);
        Assert.Empty(moved.Free(Personal.Name).NamesOf);
    }

    [Fact]
    public void A_domain_is_found_under_its_name_and_in_this_life_alone()
    {
        var state = With(Work, Personal);

        Assert.Equal(Work.Identity, state.Find(Work.Name)!.Identity);
        Assert.Null(state.Find(VmName.Parse("nobody")));
        Assert.NotNull(state.Find(Work.Identity));
        Assert.Null(state.Find(Work.Identity with { Uuid = "another" }));
        Assert.Null(state.Find(new DomainIdentity(new Domid(9), "u")));
    }

    [Fact]
    public void A_party_is_held_while_its_name_means_it()
    {
        var state = With(Work, Personal);
        Assert.True(state.Holds(Work));
        Assert.False(state.Holds(Work with { Name = Personal.Name }));
        Assert.False(state.Holds(Work with { Name = VmName.Parse("nobody") }));
        Assert.False(state.Holds(Work with { Identity = Work.Identity with { Uuid = "another" } }));
        Assert.False(state.Bind(Work.Name, Personal.Domid).Holds(Work));
        Assert.False((state with { Vms = state.Vms.Remove(Work.Domid) }).Holds(Work));
    }

    [Fact]
    public void Which_slot_a_pendrive_fills_follows_from_its_stage()
    {
        Slot? g = new Slot(Work.Identity, Vdev.Xvdg), h = new Slot(Personal.Identity, Vdev.Xvdh);
        var failed = new Failure(StatusCode.Failed, "");
        Stage[] atSender =
        [
            new Stage.Making(1, null), new Stage.Plugging(1, null), new Stage.AtSender(), new Stage.Asking(1, new(2), Work, new AskedFor.Copy(Personal)),
            new Stage.LeavingSender(1, Work, Personal), new Stage.Returning(1, failed), new Stage.Opening(1, new(2)), new Stage.Committing(1, Work, Personal),
            new Stage.Stuck(1, Work, Personal), new Stage.Discarding(g.Value, false, null), new Stage.Quarantined(g.Value),
        ];
        Stage[] atReceiver =
        [
            new Stage.Delivering(1, Work, Personal, false, null), new Stage.AtReceiver(1, Personal), new Stage.LeavingReceiver(Personal, new(1, null)),
            new Stage.Recalled(1, Work, Personal), new Stage.Discarding(h.Value, false, null), new Stage.Quarantined(h.Value),
        ];
        Stage[] nowhere =
        [
            new Stage.Asking(1, new(2), Work, new AskedFor.Copy(Personal)) { Detached = true }, new Stage.Waiting(1, Work, Personal, 3),
            new Stage.Resuming(1, Work, Personal), new Stage.Deleting(),
        ];

        Assert.All(atSender, stage => Assert.Equal(g, Of(stage).Slot));
        Assert.All(atReceiver, stage => Assert.Equal(h, Of(stage).Slot));
        Assert.All(nowhere, stage => Assert.Null(Of(stage).Slot));
    }

    [Fact]
    public void Who_was_asked_about_or_approved_follows_from_its_stage()
    {
        Stage[] both =
        [
            new Stage.Asking(1, new(2), Work, new AskedFor.Copy(Personal)), new Stage.LeavingSender(1, Work, Personal), new Stage.Waiting(1, Work, Personal, 3),
            new Stage.Resuming(1, Work, Personal), new Stage.Delivering(1, Work, Personal, true, null),
        ];

        Assert.All(both, stage => Assert.Equal((1, Work, Personal), Of(stage).Approval));
        Assert.Equal((1, Work, null), Of(new Stage.Asking(1, new(2), Work, new AskedFor.Dispvm(7, false))).Approval);
        Assert.Null(Of(new Stage.AtSender()).Approval);
    }

    [Fact]
    public void A_slot_is_never_filled_twice()
    {
        var state = With(Work).Put(Of(new Stage.AtSender()));
        Assert.Throws<InvalidOperationException>(() => state.Put(new Pendrive(new(9), Work.Identity, false, new Stage.AtSender())));
        Assert.Empty(state.Without(new PendriveId(1)).Slots);
    }

    [Fact]
    public void What_concerns_a_domain_follows_each_pendrive_on_its_way()
    {
        Stage[] way =
        [
            new Stage.AtSender(), new Stage.Asking(1, new(2), Work, new AskedFor.Copy(Personal)), new Stage.LeavingSender(1, Work, Personal), new Stage.Waiting(1, Work, Personal, 3),
            new Stage.Delivering(1, Work, Personal, true, null), new Stage.AtReceiver(1, Personal), new Stage.Deleting(),
        ];
        bool[] receiver = [false, true, true, true, true, true, false];
        var other = new Pendrive(new(9), Personal.Identity, false, new Stage.AtSender());
        var state = With(Work, Personal).Put(other);

        foreach (var (stage, concerned) in way.Zip(receiver))
        {
            state = state.Put(Of(stage));
            Assert.Equal([Of(stage)], state.Concerning(Work.Identity));
            Assert.Equal([Of(stage)], state.SentBy(Work.Identity));
            Assert.Equal(concerned ? [Of(stage), other] : [other], state.Concerning(Personal.Identity).OrderBy(p => p.Id.Value));
            Assert.Equal([other], state.SentBy(Personal.Identity));
            Assert.Equal(stage is Stage.Waiting ? [Of(stage)] : [], state.WaitingFor(Personal.Identity));
        }

        Assert.Empty(state.Without(new PendriveId(1)).Without(other.Id).Concerns);
        Assert.Empty(state.Concerning(Work.Identity with { Uuid = "another" }));
    }

    [Fact]
    public void What_is_not_set_is_as_the_manual_says()
    {
        var settings = new ExchangeSettings();
        Assert.Equal((1024, 200, 10), (settings.SizeMiB, settings.RepeatWindow.TotalMilliseconds, settings.Disposables.PerMinute));
    }

    [Fact]
    public void Changes_of_the_directory_are_lives_and_names()
    {
        using var domains = new SourceCache<Domain, Domid>(domain => domain.Domid);
        var told = new List<ExchangeEvent>();
        using var lives = domains.Connect().Lives().Subscribe(told.Add);
        using var names = DomainDirectory.Named(domains.Connect()).Names().Subscribe(told.Add);
        var other = Work.Identity with { Uuid = "another" };

        domains.AddOrUpdate(new Domain(Work.Identity, Work.Name, false));
        domains.AddOrUpdate(new Domain(Work.Identity, Personal.Name, false));
        domains.AddOrUpdate(new Domain(other, Personal.Name, false));
        domains.Remove(Work.Domid);

        Assert.Equal(
            [new ExchangeEvent.DomainAppeared(Work.Identity), new ExchangeEvent.DomainGone(Work.Identity), new ExchangeEvent.DomainAppeared(other), new ExchangeEvent.DomainGone(other)],
            told.Where(e => e is ExchangeEvent.DomainAppeared or ExchangeEvent.DomainGone));
        Assert.Equal(new ExchangeEvent.NameBound(Work.Name, Work.Domid), told.First(e => e is ExchangeEvent.NameBound));
        Assert.Contains(new ExchangeEvent.NameFreed(Work.Name), told);
        Assert.Equal(new ExchangeEvent.NameFreed(Personal.Name), told.Last(e => e is ExchangeEvent.NameFreed or ExchangeEvent.NameBound));
    }

    private static ExchangeState Empty() => new(new());

    private static ExchangeState With(params Party[] parties) => parties.Aggregate(Empty(), (state, party) => (state with
    {
        Vms = state.Vms.Add(party.Domid, new Vm(party.Identity, 0)),
    }).Bind(party.Name, party.Domid));

    private static Pendrive Of(Stage stage) => new(new(1), Work.Identity, Raw: false, stage);
}
