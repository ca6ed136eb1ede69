using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Streams.Policy;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>One question at a time, in order of asking, and everything that ends one.</summary>
public class QuestionTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void The_second_is_shown_when_the_first_is_answered() => Scenario.Check("""
        work     : n----s---------
        third    : n-----w--------
        personal : ---------------
        person   : -------y-n-----
        work     > --A--?----S----
        third    > --A---?--D-----
        screen   > -----?-?-------
        """);

    [Fact]
    public void The_second_is_never_shown_if_its_VM_dies_first() => Scenario.Check("""
        work     : n----s---------
        third    : n-----wD-------
        personal : ---------------
        person   : ---------y-----
        work     > --A--?------S--
        third    > --A---?--------
        screen   > -----?---------
        """);

    [Fact]
    public void A_hundred_VMs_ask_at_once_and_fifty_die_of_which_the_person_sees_nothing()
    {
        var rows = new List<string> { "personal : -", "person : " + Dashes(160) + string.Concat(Enumerable.Repeat("n-", 50)) };
        var screen = "screen > " + Dashes(5) + "?" + Dashes(154);
        for (var i = 0; i < 100; i++)
        {
            var dies = i % 2 == 1;
            rows.Add($"vm{i} : n----{Dashes(i)}s{(dies ? Dashes(144 - i) + "D" : "")}");
            rows.Add($"vm{i} > --A--{Dashes(i)}?{(dies ? "" : Dashes(154) + "D")}");
            if (!dies && i > 0) screen += "?-";
        }

        Scenario.Check(string.Join('\n', [.. rows, screen]));
    }

    [Fact]
    public void Nobody_answers_for_five_minutes_from_when_it_is_shown_not_from_when_it_was_asked() => Scenario.Check("""
        work     : n----s--
        third    : n-----w-
        personal : --------
        person   : -
        work     > --A--? 299990ms T
        third    > --A---? 599980ms T
        screen   > -----? 299990ms (c?) 299960ms c
        """);

    [Fact]
    public void More_than_a_MiB_written_after_it_was_shown_is_asked_about_again()
    {
        var played = Scenario.Check("""
            work     : n----s-----------
            personal : -----------------
            person   : -------y--y------
            work     > --A--?--?---S----
            disks    > mg-----G--ah-----
            screen   > -----?--?--------
            """, edge: LaterWritten(MiB + 1));

        Assert.Equal([false, true], played.Commands<ExchangeCommand.Ask>().Select(ask => ask.Again));
    }

    [Fact]
    public void A_MiB_more_is_not_asked_about() => Scenario.Check("""
        work     : n----s-----------
        personal : -----------------
        person   : -------y---------
        work     > --A--?----S------
        screen   > -----?-----------
        """, edge: LaterWritten(MiB));

    [Fact]
    public void Refused_the_second_time_the_pendrive_is_back_at_its_sender() => Scenario.Check("""
        work     : n----s-----------
        personal : -----------------
        person   : -------y--n------
        work     > --A--?--?--D-----
        disks    > mg-----G--g------
        """, edge: LaterWritten(2 * MiB));

    [Fact]
    public void Asked_again_it_may_be_cancelled_or_its_sender_may_die()
    {
        Scenario.Check("""
            work     : n----s----c------
            personal : -----------------
            person   : -------y---------
            work     > --A--?--?-X------
            disks    > mg-----G--x------
            screen   > -----?--?-c------
            """, edge: LaterWritten(2 * MiB)).IsEmpty();
        Scenario.Check("""
            work     : n----s----D------
            personal : -----------------
            person   : -------y---------
            work     > --A--?--?--------
            disks    > mg-----G--x------
            screen   > -----?--?-c------
            """, edge: LaterWritten(2 * MiB)).IsEmpty();
    }

    [Fact]
    public void Asked_again_a_VM_has_no_second_question_open() => Scenario.Check("""
        work     : n----s----n--t---
        third    : -----------------
        personal : -----------------
        person   : -------y---------
        work     > --A--?--?---Ab---
        screen   > -----?--?--------
        """, edge: LaterWritten(2 * MiB));

    [Fact]
    public void Asked_again_the_person_says_yes_while_the_sender_has_a_new_one_already() => Scenario.Check("""
        work     : n----s----n---------
        personal : --------------------
        person   : -------y------y-----
        work     > --A--?--?---A-------
        disks    > mg-----G--mg--ah----
        """, edge: LaterWritten(2 * MiB));

    [Fact]
    public void With_ask_the_person_chooses_among_those_whom_the_policy_allows()
    {
        var played = Scenario.Check("""
            work     : n----a-----------
            third    : -----------------
            personal : -----------------
            vault    : -----------------
            person   : -------2---------
            policy   : p----------------
            work     > --A--?----S------
            """, says: [('a', "send @ask"), ('p', "qfx.Copy * @anyvm vault deny\nqfx.Copy * @anyvm @anyvm ask default_target=third")]);

        var ask = played.Commands<ExchangeCommand.Ask>().Single();
        Assert.Equal(["personal", "third"], ask.Choices.Select(name => name.ToString()));
        Assert.Equal("third", ask.Suggested.ToString());
        Assert.Equal("third", played.Commands<ExchangeCommand.Audit>().Single().What.To.ToString());
    }

    [Fact]
    public void With_ask_who_was_chosen_may_have_ended_meanwhile() => Scenario.Check("""
        work     : n----a-----------
        third    : -----------------
        personal : ------D----------
        person   : -------1---------
        work     > --A--?-D---------
        """, says: ('a', "send @ask"));

    [Fact]
    public void With_ask_nobody_is_asked_if_there_is_nobody_to_choose() => Scenario.Check("""
        work     : n----a-----------
        work     > --A--D-----------
        screen   > -----------------
        """, says: ('a', "send @ask"));

    [Fact]
    public void Every_decision_is_one_line_with_who_whom_which_line_who_answered_and_how_long_it_took()
    {
        var played = Scenario.Check("""
            work     : n----s-------
            personal : -------------
            person   : ---------y---
            work     > --A--?------S
            """, edge: edge => edge.Written = 5000);

        var what = played.Commands<ExchangeCommand.Audit>().Single().What;
        Assert.Equal(
            (PolicyService.Copy, "work", "personal", true, "a.policy:1", "person", 5000L),
            (what.Service, what.Name.ToString(), what.To.ToString(), what.Allowed, what.Rule, what.By, what.Written));
        Assert.Equal(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(Math.Round(what.Took.TotalMilliseconds)));
    }

    private static Action<VirtualEdge> LaterWritten(long more) => edge =>
    {
        edge.Written = 1000;
        edge.Fail<ExchangeCommand.Detach>(detach => detach.At.Vdev.Name == "xvdg", detach => new ExchangeEvent.Detached(detach.Id, 1000 + more));
    };

    private static string Dashes(int count) => new('-', count);
}
