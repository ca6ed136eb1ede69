using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>VMs that die, reboot or are renamed at every point of a copy.</summary>
public class EndingTests
{
    [Fact]
    public void The_sender_dies_before_it_sends() => Scenario.Check("""
        work     : n----D----
        work     > --A-------
        disks    > mg---Gx---
        """).IsEmpty();

    [Fact]
    public void The_sender_dies_while_its_pendrive_is_made() => Scenario.Check("""
        work     : n--D------
        disks    > m----x----
        """, edge => edge.Slow<ExchangeCommand.Make>(_ => true, frames: 5)).IsEmpty();

    [Fact]
    public void The_sender_dies_while_its_pendrive_is_attached_which_is_broken_off() => Scenario.Check("""
        work     : n--D------
        disks    > mg-Gx-----
        """, edge => edge.Slow<ExchangeCommand.Attach>(_ => true, frames: 9)).IsEmpty();

    [Fact]
    public void The_sender_dies_while_the_question_is_open_which_closes() => Scenario.Check("""
        work     : n----s---D----
        personal : --------------
        person   : -----------y--
        work     > --A--?--------
        screen   > -----?---c----
        disks    > mg-------Gx---
        """).IsEmpty();

    [Fact]
    public void The_sender_dies_while_it_lets_go() => Scenario.Check("""
        work     : n----s----D---------
        personal : --------------------
        person   : ---------y----------
        work     > --A--?--------------
        disks    > mg-------G---x------
        """, edge => edge.Slow<ExchangeCommand.Detach>(_ => true, frames: 4)).IsEmpty();

    [Fact]
    public void The_sender_dies_between_detach_and_attach() => Scenario.Check("""
        work     : n----s-----D--------
        personal : --------------------
        person   : ---------y----------
        work     > --A--?--------------
        personal > --------------------
        disks    > mg-------Ga-x-------
        """, edge => edge.Slow<ExchangeCommand.Announce>(_ => true, frames: 2)).IsEmpty();

    [Fact]
    public void The_sender_dies_after_the_receiver_has_it_which_keeps_it() => Scenario.Check("""
        work     : n----s-------D---------
        personal : ----------------u------
        person   : ---------y-------------
        work     > --A--?------S----------
        personal > -----------------d-----
        disks    > mg-------Gah----Hx-----
        """).IsEmpty();

    [Fact]
    public void The_receiver_dies_while_the_question_is_open_and_the_sender_keeps_its_pendrive() => Scenario.Check("""
        work     : n----s-------------
        personal : ---------D---------
        person   : -----------y-------
        work     > --A--?---D---------
        screen   > -----?---c---------
        disks    > mg-----------------
        """);

    [Fact]
    public void The_receiver_dies_while_the_sender_lets_go() => Scenario.Check("""
        work     : n----s--------------
        personal : ----------D---------
        person   : ---------y----------
        work     > --A--?-------F------
        disks    > mg-------G---x------
        """, edge => edge.Slow<ExchangeCommand.Detach>(_ => true, frames: 4)).IsEmpty();

    [Fact]
    public void The_receiver_dies_during_the_attach_which_is_broken_off() => Scenario.Check("""
        work     : n----s--------------
        personal : -------------D------
        person   : ---------y----------
        work     > --A--?-------F------
        disks    > mg-------Gah-Hx-----
        """, edge => edge.Slow<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", frames: 9)).IsEmpty();

    [Fact]
    public void The_receiver_dies_with_the_pendrive() => Scenario.Check("""
        work     : n----s--------------
        personal : ----------------D---
        person   : ---------y----------
        work     > --A--?------S---N---
        disks    > mg-------Gah----Hx--
        """).IsEmpty();

    [Fact]
    public void The_receiver_dies_while_it_lets_go() => Scenario.Check("""
        work     : n----s------------------
        personal : ---------------uD-------
        person   : ---------y--------------
        work     > --A--?------S--R--------
        disks    > mg-------Gah---H--x-----
        """, edge => edge.Slow<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdh", frames: 3)).IsEmpty();

    [Fact]
    public void A_receiver_that_reboots_while_the_question_is_open_is_another_receiver() => Scenario.Check("""
        work     : n----s---------
        personal : ---------R-----
        person   : -----------y---
        work     > --A--?---D-----
        screen   > -----?---c-----
        disks    > mg-------------
        """);

    [Fact]
    public void A_receiver_that_is_renamed_while_the_question_is_open_is_another_receiver() => Scenario.Check("""
        work     : n----s---------
        personal : ---------O-----
        person   : -----------y---
        work     > --A--?---D-----
        screen   > -----?---c-----
        disks    > mg-------------
        """);

    [Fact]
    public void A_sender_that_is_renamed_while_the_question_is_open_has_to_ask_again() => Scenario.Check("""
        work     : n----s---O----s-
        personal : ----------------
        person   : -----------y----
        work     > --A--?---X----?-
        screen   > -----?---c----?-
        disks    > mg--------------
        """);

    [Fact]
    public void A_second_domain_of_the_receivers_name_ends_the_question() => Scenario.Check("""
        work     : n----s---------
        personal : ---------2-----
        person   : -----------y---
        work     > --A--?---D-----
        screen   > -----?---c-----
        disks    > mg-------------
        """);

    [Fact]
    public void A_second_domain_of_the_senders_name_ends_the_question() => Scenario.Check("""
        work     : n----s---2-----
        personal : ---------------
        person   : -----------y---
        work     > --A--?---X-----
        screen   > -----?---c-----
        disks    > mg-------------
        """);

    [Fact]
    public void A_receiver_that_is_renamed_while_the_sender_lets_go_gets_nothing() => Scenario.Check("""
        work     : n----s--------------
        personal : ----------O---------
        person   : ---------y----------
        work     > --A--?-------F------
        disks    > mg-------G---x------
        """, edge => edge.Slow<ExchangeCommand.Detach>(_ => true, frames: 4)).IsEmpty();

    [Fact]
    public void An_answer_that_comes_after_its_question_has_ended_answers_nothing()
    {
        var played = Scenario.Check("""
            work     : n----s---------
            personal : ---------D-----
            work     > --A--?---D-----
            """);
        var asked = played.Commands<ExchangeCommand.Ask>().Single().Question;

        var late = ExchangeRules.Decide(played.State, new ExchangeEvent.Answered(asked, Yes: true));

        Assert.Equal(played.State, late.State);
        Assert.Empty(late.Commands);
    }

    [Fact]
    public void A_question_that_nobody_answers_in_five_minutes_is_a_no_with_its_own_code() => Scenario.Check("""
        work     : n----s-----------------
        personal : -----------------------
        work     > --A--? 299990ms T------
        screen   > -----? 299990ms c------
        disks    > mg---------------------
        """);

    [Fact]
    public void Outcomes_that_fit_nothing_change_nothing()
    {
        var state = new ExchangeState(new());
        var id = new PendriveId(7);
        ExchangeEvent[] strays =
        [
            new ExchangeEvent.Made(id), new ExchangeEvent.Attached(id), new ExchangeEvent.Detached(id), new ExchangeEvent.Deleted(id),
            new ExchangeEvent.Announced(id), new ExchangeEvent.AttachFailed(id, Failure.TimedOut, true),
            new ExchangeEvent.DetachFailed(id, Failure.TimedOut), new ExchangeEvent.MakeFailed(id, Failure.TimedOut),
            new ExchangeEvent.AnnounceFailed(id, Failure.TimedOut), new ExchangeEvent.DeleteFailed(id, Failure.TimedOut),
            new ExchangeEvent.QuestionShown(new(7)), new ExchangeEvent.Answered(new(7), true),
            new ExchangeEvent.AskFailed(new(7), Failure.TimedOut), new ExchangeEvent.TimeUp(new TimerId.Question(new(7))),
            new ExchangeEvent.TimeUp(new TimerId.Waiting(id)), new ExchangeEvent.DomainGone(new(new(7), "u")),
            new ExchangeEvent.Qpen(new QpenEvent.Taken(new(new(7), "u"), new Request.Cancel())),
        ];

        foreach (var stray in strays)
        {
            var step = ExchangeRules.Decide(state, stray);
            Assert.Equal(state, step.State);
            Assert.Empty(step.Commands);
        }
    }
}
