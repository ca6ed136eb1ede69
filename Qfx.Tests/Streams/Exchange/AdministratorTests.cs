using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What the administrator orders over the control socket: c cancels the last pendrive, d detaches it. It never says yes.</summary>
public class AdministratorTests
{
    [Fact]
    public void A_question_that_is_cancelled_closes_and_the_sender_is_told() => Scenario.Check("""
        work     : n----s---------
        personal : ---------------
        admin    : -------c-------
        work     > --A--?--X------
        screen   > -----?-c-------
        disks    > mg-----Gx------
        """).IsEmpty();

    [Fact]
    public void A_pendrive_at_its_sender_or_one_that_waits_goes()
    {
        Scenario.Check("""
            work     : n--------------
            admin    : ----c----------
            work     > --A--X---------
            disks    > mg--Gx---------
            """).IsEmpty();
        Scenario.Check("""
            work     : n----s-------------
            third    : n----------s-------
            personal : -------------------
            person   : ------y------y-----
            admin    : ----------------c--
            work     > --A--?---S---------
            third    > --A--------?--W-X--
            """);
    }

    [Fact]
    public void One_that_the_receiver_has_is_taken_away_and_both_are_told() => Scenario.Check("""
        work     : n----s-----------
        personal : -----------------
        person   : ------y----------
        admin    : ------------d----
        work     > --A--?---S--N----
        personal > -------------d---
        disks    > mg----Gah---Hx---
        """).IsEmpty();

    [Fact]
    public void What_a_receiver_kept_can_be_taken_away_also_when_it_has_lost_its_name() => Scenario.Check("""
        work     : n----s------------------
        personal : ---------------u--2-----
        person   : ---------y--------------
        admin    : --------------------d---
        work     > --A--?------S--R--------
        personal > ----------------T----d--
        disks    > mg-------Gah---H----Hx--
        """, edge => edge.Fail<ExchangeCommand.Detach>(d => d.At.Vdev == Vdev.Xvdh, d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void An_order_that_does_not_fit_does_nothing()
    {
        var played = Scenario.Check("""
            work     : n----s-----------
            personal : -----------------
            person   : ------y----------
            admin    : ---d--------c----
            work     > --A--?---S-------
            personal > -----------------
            disks    > mg----Gah--------
            """);

        Assert.IsType<Stage.AtReceiver>(played.State.Pendrives.Values.Single().Stage);
    }
}
