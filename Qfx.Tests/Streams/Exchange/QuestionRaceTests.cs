using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What ends a question, and who is not asked about any more.</summary>
public class QuestionRaceTests
{
    private const string Sent = """
        work     : n----s--
        personal : --------
        person   : ------y-
        """;

    private static readonly PendriveId First = new(1);
    private static readonly ExchangeEvent WorkDies = new ExchangeEvent.DomainGone(Moment.Vm(1));
    private static readonly ExchangeEvent WorkIsRenamed = new ExchangeEvent.NameBound(VmName.Parse("other"), new(1));

    [Fact]
    public void The_death_of_who_asks_ends_the_question_before_its_name_is_free()
    {
        var moment = Moment.Of("""
            work     : n----s--
            personal : --------
            """);

        Assert.Equal(
            ["stop Question", "CallOffQuestion", "decision by end: the sender ended", "journal: the sender ended while the question was open", "detach p1 xvdg of 1 of the dead"],
            moment.When(WorkDies));
        Assert.Empty(moment.State.Questions);
    }

    [Fact]
    public void Another_name_of_who_asks_ends_the_question_and_is_written_down_as_that()
    {
        var moment = Moment.Of("""
            work     : n----s--
            personal : --------
            """);

        Assert.Equal(
            ["stop Question", "CallOffQuestion", "decision by end: the sender's name changed", "journal: the name of this VM has changed, ask again", "1 reads Cancelled"],
            moment.When(WorkIsRenamed));
        Assert.IsType<Stage.AtSender>(moment.State.Pendrives[First].Stage);
    }

    [Theory]
    [InlineData(false, "Denied not allowed, the pendrive is back at xvdg")]
    [InlineData(true, "NoSuchVm the receiver ended or changed its name, the pendrive is back at xvdg")]
    public void A_question_about_more_that_was_written_ends_with_the_name_of_its_receiver_and_the_pendrive_comes_back(bool reveal, string reads)
    {
        var moment = Moment.Of(Sent, edge =>
        {
            edge.Written = 0;
            edge.Hang<ExchangeCommand.Detach>(_ => true);
        }, new() { RevealNames = reveal, Policy = Scenario.AskAlways });
        Assert.Contains("1 reads Asking", moment.When(new ExchangeEvent.Detached(First, Written: 64 << 20)));

        Assert.Equal(
            ["stop Question", "CallOffQuestion", "decision by end: the receiver ended or changed its name", "attach p1 xvdg of 1", "journal: the receiver ended or changed its name"],
            moment.When(new ExchangeEvent.NameFreed(VmName.Parse("personal"))));
        var status = ExchangeRules.Decide(moment.State, new ExchangeEvent.Attached(First)).Commands.OfType<ExchangeCommand.WriteStatus>().Single().Status;
        Assert.Equal(reads, $"{status.Code} {status.Text}");
    }

    [Fact]
    public void When_nobody_answers_it_the_sender_is_told_so_whether_names_are_revealed_or_not()
    {
        var moment = Moment.Of(Sent, edge =>
        {
            edge.Written = 0;
            edge.Hang<ExchangeCommand.Detach>(_ => true);
        });
        moment.When(new ExchangeEvent.Detached(First, Written: 64 << 20));
        moment.When(new ExchangeEvent.TimeUp(new TimerId.Question(moment.State.Questions.Keys.Single())));

        Assert.Contains("1 reads TimedOut", moment.When(new ExchangeEvent.Attached(First)));
    }

    [Fact]
    public void Where_nobody_else_runs_the_person_is_told_that_there_is_no_receiver() =>
        Assert.Contains("notice RefusedNoReceiver", Moment.Of("work : n---").When(Asks(1, new Request.SendAsk())));

    [Theory]
    [InlineData("personal", "personal")]
    [InlineData("third", null)]
    public void Who_is_suggested_is_one_of_those_who_can_be_chosen(string suggested, string? shown)
    {
        var policy = Story.PolicyOf($"qfx.Copy * @anyvm third deny\nqfx.Copy * @anyvm @default ask default_target={suggested}\n* * @anyvm @anyvm ask");
        var moment = Moment.Of("work : n---\npersonal : -\nthird : -", settings: new() { Policy = policy });

        var asked = ExchangeRules.Decide(moment.State, Asks(1, new Request.SendAsk())).Commands.OfType<ExchangeCommand.Ask>().Single();

        Assert.Equal(shown, asked.Suggested?.ToString());
    }

    [Fact]
    public void Who_was_refused_too_often_is_not_asked_about_by_choice_either()
    {
        var moment = Moment.Of("work : n----s--\npersonal : -\nperson : ------n", settings: new() { RefusalsToQuiet = 1, Policy = Scenario.AskAlways });

        Assert.Contains("1 reads Denied", moment.When(Asks(1, new Request.SendAsk())));
        Assert.Empty(moment.State.Questions);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void Refusals_are_counted_over_a_minute(int seconds, bool quiet)
    {
        var moment = Moment.Of("work : n----s--\npersonal : -\nperson : ------n", settings: new() { RefusalsToQuiet = 2, Policy = Scenario.AskAlways });
        moment.Later(TimeSpan.FromSeconds(seconds));
        moment.When(Asks(1, new Request.Send(VmName.Parse("personal"), null)));
        moment.When(new ExchangeEvent.Answered(moment.State.Questions.Keys.Single(), false));

        Assert.Contains(quiet ? "1 reads Denied" : "1 reads Asking", moment.When(Asks(1, new Request.Send(VmName.Parse("personal"), null))));
    }

    [Fact]
    public void Quiet_ends_at_its_time_and_is_then_forgotten()
    {
        var moment = Moment.Of("work : n----s--\npersonal : -\nthird : n--------s--\nperson : ------n----n", settings: new() { RefusalsToQuiet = 1, Policy = Scenario.AskAlways });
        Assert.Equal(2, moment.State.Quiet.Count);
        moment.Later(moment.State.Settings.QuietTime);

        Assert.Contains("1 reads Asking", moment.When(Asks(1, new Request.Send(VmName.Parse("personal"), null))));
        moment.When(new ExchangeEvent.Answered(moment.State.Questions.Keys.Single(), false));
        Assert.Equal(["work"], moment.State.Quiet.Keys.Select(name => name.ToString()));
    }

    private static ExchangeEvent.Qpen Asks(int vm, Request request) => new(new QpenEvent.Taken(Moment.Vm(vm), request));
}
