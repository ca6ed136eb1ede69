using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>The receiver still has another pendrive.</summary>
public class BusyReceiverTests
{
    [Fact]
    public void On_yes_the_pendrive_waits_and_is_handed_over_when_the_receiver_is_done()
    {
        var played = Scenario.Check("""
            work     : n----s--------------------------------
            third    : n-----------s-------------------------
            personal : --------------------u-----------u-----
            person   : -------y------y-----------------------
            work     > --A--?----S---------R-----------------
            third    > --A---------?--W-------S--------R-----
            personal > ---------------------d-----------d----
            screen   > -----?------?-------------------------
            """);

        Assert.Equal([false, true], played.Commands<ExchangeCommand.Ask>().Select(ask => ask.ReceiverBusy));
        played.IsEmpty();
    }

    [Fact]
    public void On_no_nothing_waits() => Scenario.Check("""
        work     : n----s-----------------------
        third    : n-----------s----------------
        personal : --------------------u--------
        person   : -------y------n--------------
        work     > --A--?----S---------R--------
        third    > --A---------?-D--------------
        personal > ---------------------d-------
        """);

    [Fact]
    public void Who_waits_may_cancel() => Scenario.Check("""
        work     : n----s---------------------
        third    : n-----------s------c-------
        personal : ---------------------u-----
        person   : -------y------y------------
        work     > --A--?----S----------R-----
        third    > --A---------?--W---X-------
        personal > ----------------------d----
        """).IsEmpty();

    [Fact]
    public void When_the_receiver_reboots_the_waiting_ends_and_the_files_are_not_kept() => Scenario.Check("""
        work     : n----s---------------------
        third    : n-----------s--------------
        personal : -------------------R-------
        person   : -------y------y------------
        work     > --A--?----S--------N-------
        third    > --A---------?--W---F-------
        personal > -------------------d-------
        """).IsEmpty();

    [Fact]
    public void When_who_waits_dies_its_pendrive_is_deleted() => Scenario.Check("""
        work     : n----s---------------------
        third    : n-----------s------D-------
        personal : ---------------------u-----
        person   : -------y------y------------
        work     > --A--?----S----------R-----
        third    > --A---------?--W-----------
        personal > ----------------------d----
        """).IsEmpty();

    [Fact]
    public void A_sender_has_one_that_waits_and_may_make_the_next_but_not_send_it_there() => Scenario.Check("""
        work     : n----s---------------------
        third    : n-----------s------n--s----
        personal : ---------------------------
        person   : -------y------y------------
        work     > --A--?----S----------------
        third    > --A---------?--W-----Ab----
        """);

    [Fact]
    public void Nobody_waits_for_longer_than_a_day() => Scenario.Check("""
        work     : n----s---------------------
        third    : n-----------s--------------
        personal : ---------------------------
        person   : -------y------y------------
        work     > --A--?----S----------------
        third    > --A---------?--W 86399990ms T---
        """);

    [Fact]
    public void The_ninth_that_would_wait_is_refused_without_a_question()
    {
        var rows = new List<string>
        {
            "work     : n----s",
            "personal : -",
            "person   : -------y------" + string.Concat(Enumerable.Repeat("y----", 8)),
            "work     > --A--?----S",
        };
        for (var i = 0; i < 9; i++)
        {
            var before = new string('-', 5 * i);
            rows.Add($"vm{i} : n------------{before}s");
            rows.Add($"vm{i} > --A----------{before}{(i < 8 ? "?-W" : "D")}");
        }

        Scenario.Check(string.Join('\n', rows));
    }
}
