using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>The reply is the person's work: once it has left its disposable VM, only the requester's end ends it.</summary>
public class ReplyTests
{
    private static readonly Failure Broken = new(StatusCode.Failed, "it broke");

    [Fact]
    public void A_busy_requester_gets_it_when_it_is_done_with_its_other_pendrive() => Scenario.Check("""
        work     : n----d-----------------------------u--------u---
        third    : n--------------s---------------------------------
        person   : ----------------y--------------------------------
        disp1    : ------------------q--n---r-----------------------
        work     > --A--W-------S----------------------d--------d---
        third    > --A------------?---S---------------R-------------
        disp1    > -------------------d---A-------------------------
        dvms     > -----lMRwe---------------w-kx-----------------f--
        notices  > -------------------s-------w-------r
        """, says: ('s', "send work")).IsEmpty();

    [Fact]
    public void It_waits_for_longer_than_a_day() => Scenario.Check("""
        work     : n----d----------------------------- 50h u--------u---
        third    : n--------------s---------------------------------
        person   : ----------------y--------------------------------
        disp1    : ------------------q--n---r-----------------------
        work     > --A--W-------S--------------------- 50h -d--------d---
        third    > --A------------?---S--------------- 50h R-------------
        disp1    > -------------------d---A-------------------------
        """, says: ('s', "send work")).IsEmpty();

    [Fact]
    public void The_requesters_end_ends_it() => Scenario.Check("""
        work     : n----d-----------------------------D---
        third    : n--------------s-----------------------
        person   : ----------------y----------------------
        disp1    : ------------------q--n---r-------------
        work     > --A--W-------S-------------------------
        third    > --A------------?---S---------------N---
        disp1    > -------------------d---A---------------
        """, says: ('s', "send work")).IsEmpty();

    [Fact]
    public void The_end_of_the_disposable_VM_does_not_end_it() => Scenario.Check("""
        work     : n----d-------------------------u---
        disp1    : ---------------q--n---r-D----------
        work     > --A--W-------S------------------d--
        disp1    > ----------------d---A--------------
        disks    > mg--------Gah--Hx-mg---G--ah---Hx--
        dvms     > -----lMRwe------------w-x--------f-
        """, edge => edge.Slow<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdg" && d.Id.Value > 1, frames: 3)).IsEmpty();

    [Fact]
    public void A_disposable_VM_that_does_not_let_go_of_it_is_destroyed_and_the_reply_goes_on() => Scenario.Check("""
        work     : n----d-------------------------u---
        disp1    : ---------------q--n---r------------
        work     > --A--W-------S------------------d--
        disp1    > ----------------d---A--------------
        disks    > mg--------Gah--Hx-mg---G-Gah---Hx--
        dvms     > -----lMRwe------------w-kx-------f-
        """, edge => edge.Fail<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdg" && d.Id.Value > 1, d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut))).IsEmpty();

    [Fact]
    public void Killme_while_it_leaves_waits_for_it() => Scenario.Check("""
        work     : n----d-------------------------u---
        disp1    : ---------------q--n---r-k----------
        work     > --A--W-------S------------------d--
        disp1    > ----------------d---A---X----------
        disks    > mg--------Gah--Hx-mg---G--ah---Hx--
        dvms     > -----lMRwe------------w---kx-----f-
        """, edge => edge.Slow<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdg" && d.Id.Value > 1, frames: 3)).IsEmpty();

    [Fact]
    public void An_attach_to_the_requester_that_fails_is_tried_again() => Scenario.Check("""
        work     : n----d--------------------------- 60s -----u---
        disp1    : ---------------q--n---r----------
        work     > --A--W-------S------------------- 60s ------d--
        disp1    > ----------------d---A------------
        notices  > ---------------------------------
        """, edge =>
        {
            edge.Slow<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", frames: 1);
            edge.Fail<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", a => new ExchangeEvent.AttachFailed(a.Id, new(StatusCode.SlotInUse, "used"), false));
        }).IsEmpty();

    [Fact]
    public void If_the_requester_may_have_seen_it_it_is_detached_before_it_is_tried_again() => Scenario.Check("""
        work     : n----d--------------------------- 60s -----u---
        disp1    : ---------------q--n---r----------
        work     > --A--W-------S------------------- 60s ------d--
        disp1    > ----------------d---A------------
        """, edge =>
        {
            edge.Slow<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", frames: 1);
            edge.Fail<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", a => new ExchangeEvent.AttachFailed(a.Id, Broken, true));
        }).IsEmpty();

    [Fact]
    public void A_reply_that_cannot_be_recorded_is_not_taken_and_may_be_sent_again() => Scenario.Check("""
        work     : n----d----------------------------u---
        disp1    : ---------------q--n---r---r-----------
        work     > --A--W-------S---------------------d--
        disp1    > ----------------d---A--F--------------
        disks    > mg--------Gah--Hx-mg-------Gah----Hx--
        dvms     > -----lMRwe------------w---w-kx------f-
        notices  > -----------------------L--------------
        """, edge =>
        {
            edge.Slow<ExchangeCommand.RecordDvm>(_ => true, frames: 1);
            edge.Fail<ExchangeCommand.RecordDvm>(_ => true, e => e.Fail(Broken)!);
        }).IsEmpty();

    [Fact]
    public void One_that_the_requester_says_it_cannot_use_is_lost_and_the_person_is_told() => Scenario.Check("""
        work     : n----d----------------------------f--
        disp1    : ---------------q--n---r--------------
        work     > --A--W-------S---------------------d--
        disp1    > ----------------d---A----------------
        disks    > mg--------Gah--Hx-mg---Gah--------Hx--
        notices  > ----------------------------------L--
        """).IsEmpty();

    [Fact]
    public void A_renamed_requester_still_gets_it() => Scenario.Check("""
        work     : n----d----------O-------------------
        disp1    : ---------------q--n---r-------------
        work     > --A--W-------S----------------------
        disp1    > ----------------d---A---------------
        disks    > mg--------Gah--Hx-mg---Gah----------
        """);
}
