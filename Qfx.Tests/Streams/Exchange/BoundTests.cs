using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What one VM can have of what all share.</summary>
public class BoundTests
{
    [Fact]
    public void Of_what_a_VM_is_refused_sixty_lines_a_minute_are_written_and_then_how_many_were_not()
    {
        var moment = Moment.Of("hostile : -\nwork : -");
        moment.Later(TimeSpan.FromSeconds(70));
        var lines = Enumerable.Range(0, 1000).SelectMany(_ => moment.When(Asks(1, new Request.Umount(null)))).ToArray();

        var written = lines.Where(line => line.StartsWith("journal", StringComparison.Ordinal)).ToArray();
        Assert.Equal(60, written.Length);
        Assert.Equal("journal: there is no pendrive at xvdh (more about refusals of this VM is not written within this minute)", written[^1]);
        Assert.Equal("journal: there is no pendrive at xvdh", written[^2]);
        Assert.Equal(1000, lines.Count(line => line == "1 reads NoPendrive"));    // the guest has its answer all the same
        Assert.Equal("journal: there is no pendrive at xvdh", moment.When(Asks(2, new Request.Umount(null)))[0]);

        moment.Later(TimeSpan.FromMinutes(1));
        Assert.Equal(
            ["journal: there is no pendrive at xvdh (940 more lines about refusals of this VM were not written)", "journal: there is no pendrive at xvdh"],
            moment.When(Asks(1, new Request.Umount(null)), Asks(1, new Request.Umount(null))).Where(line => line.StartsWith("journal", StringComparison.Ordinal)));
    }

    [Fact]
    public void Decisions_against_a_VM_count_like_its_refusals_and_those_for_it_do_not()
    {
        var moment = Moment.Of("work : n---\npersonal : -", settings: new() { Policy = Qfx.Streams.Marbles.Story.PolicyOf("qfx.Copy * @anyvm personal deny"), RefusalsWrittenPerMinute = 3 });

        var lines = Enumerable.Range(0, 10).SelectMany(_ => moment.When(Asks(1, new Request.Send(VmName.Parse("personal"), null)))).ToArray();

        Assert.Equal(3, lines.Count(line => line.StartsWith("journal", StringComparison.Ordinal) || line.StartsWith("decision", StringComparison.Ordinal)));
        Assert.Equal(10, lines.Count(line => line == "1 reads Denied"));
        moment.When(new ExchangeEvent.PolicyChanged(Qfx.Streams.Marbles.Story.PolicyOf("* * @anyvm @anyvm allow")));
        var allowed = moment.When(Asks(1, new Request.Send(VmName.Parse("personal"), null)));
        Assert.Contains(allowed, line => line.StartsWith("decision by policy", StringComparison.Ordinal));
        Assert.Contains("journal: allowed", allowed);
    }

    [Fact]
    public void A_persons_no_is_written_however_much_was_refused_before()
    {
        var moment = Moment.Of("work : n----s--\npersonal : -", settings: new() { Policy = Scenario.AskAlways, RefusalsWrittenPerMinute = 1 });
        for (var i = 0; i < 10; i++) moment.When(Asks(1, new Request.Umount(null)));

        Assert.Contains("decision by person: the person said no", moment.When(new ExchangeEvent.Answered(moment.State.Questions.Keys.Single(), false)));
    }

    [Fact]
    public void A_VM_whose_pendrives_others_do_not_give_back_gets_no_more()
    {
        var moment = Moment.Of("""
            work     : n----s--------n--
            personal : -----------------
            third    : -----------------
            person   : ------y----------
            """, settings: new() { PendrivesPerVm = 2, Policy = Scenario.AskAlways });
        moment.When(Asks(1, new Request.Send(VmName.Parse("third"), null)));
        moment.When(new ExchangeEvent.Answered(moment.State.Questions.Keys.Single(), true));
        var second = moment.State.Pendrives.Keys.MaxBy(id => id.Value);
        moment.When(new ExchangeEvent.Detached(second), new ExchangeEvent.Announced(second), new ExchangeEvent.Attached(second));

        Assert.Equal(["journal: others still have too many pendrives of this VM: wait until they are done with one", "1 reads Busy"], moment.When(Asks(1, new Request.New(null, false))));

        moment.When(Asks(3, new Request.Umount(true)), new ExchangeEvent.Detached(second), new ExchangeEvent.Deleted(second));
        Assert.Equal(["Make"], moment.When(Asks(1, new Request.New(null, false))));
    }

    private static ExchangeEvent.Qpen Asks(int vm, Request request) => new(new QpenEvent.Taken(Moment.Vm(vm), request));
}
