using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>Effects that fail, hang or take too long.</summary>
public class FailureTests
{
    private static readonly Failure Broken = new(StatusCode.Failed, "it broke");
    private static readonly Failure InUse = new(StatusCode.SlotInUse, "another disk is there");

    [Fact]
    public void A_pendrive_that_cannot_be_made_leaves_nothing() => Scenario.Check("""
        work     : n----n-----
        work     > -z-----A---
        disks    > mx---mg----
        """, edge => edge.Fail<ExchangeCommand.Make>(_ => true, m => new ExchangeEvent.MakeFailed(m.Id, new(StatusCode.NoSpace, "disk full"))));

    [Fact]
    public void What_a_dead_VM_had_is_detached_before_its_image_goes_however_often_that_fails() => Scenario.Check("""
        work     : n----D
        work     > --A---
        disks    > mg---G 60s G 60s Gx--
        """, edge =>
        {
            edge.Fail<ExchangeCommand.Detach>(_ => true, d => new ExchangeEvent.DetachFailed(d.Id, Broken));
            edge.Fail<ExchangeCommand.Detach>(_ => true, d => new ExchangeEvent.DetachFailed(d.Id, Broken));
        }).IsEmpty();

    [Fact]
    public void An_attach_that_fails_leaves_the_state_as_it_was_no_pendrive() => Scenario.Check("""
        work     : n----n-----
        work     > --i----A---
        disks    > mgx--mg----
        """, edge => edge.Fail<ExchangeCommand.Attach>(_ => true, a => new ExchangeEvent.AttachFailed(a.Id, InUse, Exposed: false)));

    [Fact]
    public void An_attach_that_may_have_been_seen_by_the_VM_is_detached_before_the_image_goes() => Scenario.Check("""
        work     : n---------
        work     > --F-------
        disks    > mgGx------
        """, edge => edge.Fail<ExchangeCommand.Attach>(_ => true, a => new ExchangeEvent.AttachFailed(a.Id, Broken, Exposed: true))).IsEmpty();

    [Fact]
    public void An_attach_to_the_receiver_that_it_never_saw_gives_the_pendrive_back_to_the_sender() => Scenario.Check("""
        work     : n----s------------s----------
        personal : -----------------------------
        person   : ---------y-----------y-------
        work     > --A--?-------F----?-----S----
        disks    > mg-------Gahg--------Gah-----
        """, edge => edge.Fail<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", a => new ExchangeEvent.AttachFailed(a.Id, InUse, Exposed: false)));

    [Fact]
    public void An_attach_that_the_receiver_may_have_seen_gives_the_pendrive_to_nobody() => Scenario.Check("""
        work     : n----s----------------
        personal : ----------------------
        person   : ---------y------------
        work     > --A--?------F---------
        disks    > mg-------GahHx--------
        """, edge => edge.Fail<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", a => new ExchangeEvent.AttachFailed(a.Id, Broken, Exposed: true))).IsEmpty();

    [Fact]
    public void A_receiver_that_cannot_be_told_does_not_get_it() => Scenario.Check("""
        work     : n----s----------------
        personal : ----------------------
        person   : ---------y------------
        work     > --A--?------F---------
        disks    > mg-------Gag----------
        """, edge => edge.Fail<ExchangeCommand.Announce>(_ => true, a => new ExchangeEvent.AnnounceFailed(a.Id, Broken)));

    [Fact]
    public void A_sender_that_does_not_let_go_keeps_the_disk_and_nobody_else_gets_it_until_it_cancels() => Scenario.Check("""
        work     : n----s------------n-----c---
        personal : ----------------------------
        person   : ---------y------------------
        work     > --A--?----T-------b------X--
        disks    > mg-------G--------------Gx--
        """, edge => edge.Fail<ExchangeCommand.Detach>(_ => true, d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void A_sender_that_does_not_let_go_loses_the_image_when_it_dies() => Scenario.Check("""
        work     : n----s------------D-----
        personal : ------------------------
        person   : ---------y--------------
        work     > --A--?----T-------------
        disks    > mg-------G--------Gx----
        """, edge => edge.Fail<ExchangeCommand.Detach>(_ => true, d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void A_receiver_that_does_not_let_go_may_say_umount_again() => Scenario.Check("""
        work     : n----s------------------
        personal : ---------------u----q---
        person   : ---------y--------------
        work     > --A--?------S--R--------
        personal > ----------------T----d--
        disks    > mg-------Gah---H----Hx--
        """, edge => edge.Fail<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdh", d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void A_receiver_that_has_lost_its_name_can_still_let_go_of_what_it_kept() => Scenario.Check("""
        work     : n----s------------------
        personal : ---------------u--2-q---
        person   : ---------y--------------
        work     > --A--?------S--R--------
        personal > ----------------T----d--
        disks    > mg-------Gah---H----Hx--
        """, edge => edge.Fail<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdh", d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void An_effect_that_never_ends_is_broken_off_and_the_lane_goes_on() => Scenario.Check("""
        work     : n-------------------
        work     > 35s T---------------
        disks    > m 34990ms x---------
        """, edge => edge.Hang<ExchangeCommand.Make>(_ => true)).IsEmpty();

    [Fact]
    public void A_question_that_cannot_be_put_is_told_and_the_pendrive_stays() => Scenario.Check("""
        work     : n----s----
        personal : ----------
        work     > --A--(?F)-
        disks    > mg--------
        """, edge => edge.Unaskable());

    [Fact]
    public void An_image_that_cannot_be_deleted_is_reported_and_holds_up_nothing()
    {
        var played = Scenario.Check("""
            work     : n----c----n---
            work     > --A---X-----A-
            disks    > mg---Gx---mg--
            """, edge => edge.Fail<ExchangeCommand.Delete>(_ => true, d => new ExchangeEvent.DeleteFailed(d.Id, Broken)));

        Assert.Contains(played.Commands<ExchangeCommand.Record>(), r => r.Report.Text.Contains("remove it by hand: it broke", StringComparison.Ordinal));
    }
}
