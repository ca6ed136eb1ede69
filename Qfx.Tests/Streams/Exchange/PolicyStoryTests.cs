using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What the policy says, the rules do.</summary>
public class PolicyStoryTests
{
    [Fact]
    public void What_is_allowed_goes_without_a_question() => Scenario.Check("""
        work     : n----s-------
        personal : -------------
        policy   : p------------
        work     > --A-----S----
        screen   > -------------
        """, says: ('p', "qfx.Copy * work personal allow"));

    [Theory]
    [InlineData("qfx.Copy * work personal deny")]
    [InlineData("qfx.Copy * work third allow")]
    [InlineData("")]
    public void What_is_denied_or_in_no_line_is_refused_in_the_words_that_an_unknown_name_gets(string lines)
    {
        var played = Scenario.Check("""
            work     : n----s--x----
            personal : -------------
            policy   : p------------
            work     > --A--D--D----
            screen   > -------------
            """, says: [('p', lines), ('x', "send nobody")]);

        var texts = played.Commands<ExchangeCommand.WriteStatus>().Where(w => w.Status.Code == StatusCode.Denied).Select(w => w.Status.Text);
        Assert.Equal(["not allowed", "not allowed"], texts);
    }

    [Fact]
    public void Who_is_meant_by_a_line_gets_it_not_who_was_named()
    {
        var played = Scenario.Check("""
            work     : n----s-------
            third    : -------------
            personal : -------------
            policy   : p------------
            work     > --A-----S----
            """, says: ('p', "qfx.Copy * work @anyvm allow target=third"));

        Assert.Equal("third", ((Stage.AtReceiver)played.State.Pendrives.Values.Single().Stage).To.Name.ToString());
    }

    [Fact]
    public void Who_is_meant_but_does_not_run_gets_nothing_and_the_guest_does_not_learn_that() => Scenario.Check("""
        work     : n----s-------
        personal : -------------
        policy   : p------------
        work     > --A--D-------
        """, says: ('p', "qfx.Copy * work @anyvm allow target=third"));

    [Fact]
    public void A_deny_that_appears_while_a_question_is_open_ends_it() => Scenario.Check("""
        work     : n----s-------
        third    : n-----w------
        personal : -------------
        policy   : --------d----
        work     > --A--?--D----
        third    > --A---?------
        screen   > -----?--(c?)-
        """,
        says: ('d', "qfx.Copy * work @anyvm deny\nqfx.Copy * @anyvm @anyvm ask"));

    [Fact]
    public void A_change_that_denies_nothing_leaves_the_question_alone() => Scenario.Check("""
        work     : n----s-------
        personal : -------------
        policy   : -------d-----
        person   : ---------y---
        work     > --A--?------S
        screen   > -----?-------
        """, says: ('d', "qfx.Copy * third @anyvm deny\nqfx.Copy * @anyvm @anyvm allow"));

    [Fact]
    public void Three_refusals_in_a_minute_and_nobody_is_asked_for_five() => Scenario.Check("""
        work     : n----s-s-s-s 5m s--
        personal : -
        person   : ------n-n-n
        work     > --A--?D?D?DD 5m ?--
        screen   > -----?-?-?- 300010ms ?
        """);

    [Fact]
    public void Refusals_that_are_longer_ago_do_not_count() => Scenario.Check("""
        work     : n----s-s 1m s-s--
        personal : -
        person   : ------n-n 1m n
        work     > --A--?D?D 59990ms ?D?
        """);

    [Fact]
    public void A_reboot_does_not_end_the_quiet() => Scenario.Check("""
        work     : n----s-s-s--R--n---s
        personal : -
        person   : ------n-n-n
        work     > --A--?D?D?D-X----A-D
        screen   > -----?-?-?----------
        """);

    [Fact]
    public void What_is_allowed_is_not_quiet() => Scenario.Check("""
        work     : n----s-s-s---s-----
        personal : -
        policy   : -----------p-------
        person   : ------n-n-n
        work     > --A--?D?D?D-----S--
        """, says: ('p', "qfx.Copy * @anyvm @anyvm allow"));
}
