using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>After a restart VMs are seen in any order: what was approved goes on when all is known that has to be.</summary>
public class RestartRaceTests
{
    private static readonly Party Work = Moment.Party(1, "work");
    private static readonly Party Personal = Moment.Party(2, "personal");
    private static readonly PendriveId First = new(1);

    private static readonly ExchangeEvent[] Needed =
    [
        new ExchangeEvent.DomainAppeared(Work.Identity),
        new ExchangeEvent.NameBound(Work.Name, Work.Domid),
        new ExchangeEvent.Qpen(new QpenEvent.Prepared(Work.Identity, new(1, false, Open: true))),
        new ExchangeEvent.DomainAppeared(Personal.Identity),
        new ExchangeEvent.NameBound(Personal.Name, Personal.Domid),
    ];

    /// <summary>A name may be heard of before its domain; that keys are prepared is heard after it.</summary>
    public static TheoryData<string> Orders => ["01234", "34012", "43012", "02341", "01243", "10243", "41032", "41023"];

    [Theory, MemberData(nameof(Orders))]
    public void It_goes_on_with_the_last_thing_that_has_to_be_known_and_not_before(string order)
    {
        var moment = AtNobody();
        foreach (var i in order[..^1]) Assert.DoesNotContain(moment.When(Needed[i - '0']), word => word.StartsWith("announce", StringComparison.Ordinal));

        Assert.Equal(["stop Waiting", "announce p1 to 2"], moment.When(Needed[order[^1] - '0']));
    }

    [Fact]
    public void Who_is_not_seen_is_asked_for_again_and_again_until_it_is_seen_or_dead()
    {
        var moment = new Moment(new(new()));
        Assert.Equal(["start Waiting", "ProveDeath", "ProveDeath", "start Unseen"], moment.When(Recovered()));
        moment.When(Needed[0]);
        Assert.Equal(["ProveDeath", "start Unseen"], moment.When(new ExchangeEvent.TimeUp(new TimerId.Unseen())));

        Assert.Contains("delete p1", moment.When(new ExchangeEvent.FoundDead(Personal.Identity)));
        Assert.Empty(moment.When(new ExchangeEvent.TimeUp(new TimerId.Unseen())));
    }

    [Fact]
    public void Who_has_been_seen_is_not_dead_because_a_question_from_before_says_so()
    {
        var moment = AtNobody();
        moment.When(Needed[0], Needed[3]);

        Assert.Empty(moment.When(new ExchangeEvent.FoundDead(Work.Identity), new ExchangeEvent.FoundDead(Personal.Identity)));
        Assert.Contains(First, moment.State.Pendrives.Keys);
    }

    [Fact]
    public void A_reply_that_an_earlier_run_took_is_written_down()
    {
        var disp = Moment.Party(3, "disp1");
        var moment = new Moment(new(new()));

        var told = moment.When(new ExchangeEvent.Recovered([new DvmRecord(disp, new(Work, 7, false), Used: true, Reply: new PendriveId(5))]));

        Assert.Contains("journal: a reply that an earlier run took waits for its receiver", told);
        Assert.True(moment.State.LastNumber >= 5);
        Assert.Equal(1, told.Count(word => word.StartsWith("DestroyDvm", StringComparison.Ordinal)));
    }

    private static Moment AtNobody()
    {
        var moment = new Moment(new(new()));
        moment.When(Recovered());
        return moment;
    }

    private static ExchangeEvent.Recovered Recovered() => new([])
    {
        Pendrives = [new FoundPendrive(First, Work.Identity, Raw: false, null, new(1, Work, Personal, Seen: 0), 0)],
    };
}
