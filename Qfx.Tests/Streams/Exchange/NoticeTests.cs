using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What the person is told without being asked.</summary>
public class NoticeTests
{
    [Fact]
    public void That_files_were_sent_and_that_they_were_received() => Assert.Equal(
        ["Sent work personal", "Received work personal"],
        Told(Scenario.Check("""
            work     : n----s--------------
            personal : ------------u-------
            person   : -------y------------
            work     > --A--?----S-R-------
            personal > -------------d------
            """)));

    [Fact]
    public void That_the_receiver_ended_first() => Assert.Equal(
        ["Sent work personal", "NotReceived work personal"],
        Told(Scenario.Check("""
            work     : n----s--------------
            personal : ------------D-------
            person   : -------y------------
            work     > --A--?----S-N-------
            """)));

    [Fact]
    public void That_files_wait() => Assert.Equal(
        ["Sent work personal", "Waits third personal"],
        Told(Scenario.Check("""
            work     : n----s--------------
            third    : n-----------s-------
            personal : --------------------
            person   : -------y------y-----
            work     > --A--?----S---------
            third    > --A---------?--W----
            """)));

    [Fact]
    public void That_the_policy_refused_unless_the_line_says_that_this_need_not_be_told() => Assert.Equal(
        ["RefusedByPolicy work personal", "AllowedByPolicy work other", "Sent work other"],
        Told(Scenario.Check("""
            work     : n----s--t--o--------
            third    : -
            other    : -
            personal : -
            policy   : p-------------------
            work     > --A--D--D-----S-----
            """, says:
        [
            ('o', "send other"),
            ('p', "qfx.Copy * work personal deny\nqfx.Copy * work third deny notify=no\nqfx.Copy * @anyvm @anyvm allow notify=yes"),
        ])));

    [Fact]
    public void No_more_than_five_times_a_minute_about_one_VM() => Assert.Equal(
        Enumerable.Repeat("RefusedNoReceiver work nobody", 5),
        Told(Scenario.Check("""
            work     : n----xxxxxxxx
            work     > --A--DDDDDDDD
            """, says: ('x', "send nobody"))));

    private static IEnumerable<string> Told(Scenario played) =>
        played.Commands<ExchangeCommand.Notify>().Select(notice => $"{notice.Kind} {notice.About} {notice.Other}");
}
