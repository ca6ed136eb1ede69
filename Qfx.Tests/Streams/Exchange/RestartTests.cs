using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>The daemon is started anew while pendrives are under way: what can go on goes on, the rest ends and is said.</summary>
public class RestartTests
{
    // In these stories work is domain 1 and personal domain 2, in the order of their rows.
    private static readonly Party Work = new(new(new Domid(1), "uuid-1"), VmName.Parse("work"));
    private static readonly Party Personal = new(new(new Domid(2), "uuid-2"), VmName.Parse("personal"));
    private static readonly Approval Approved = new(1, Work, Personal, Seen: 0);

    [Fact]
    public void Who_has_a_pendrive_to_fill_keeps_it_and_sends_it_on() => Scenario.Check("""
        daemon   : s-------------------
        work     : -M--s---------------
        personal : -B------------u-----
        person   : ------y-------------
        work     > ----?----S----R-----
        personal > ---------------d----
        disks    > ------Gah-----Hx----
        """, edge => Left(edge, At(Work, Vdev.Xvdg))).IsEmpty();

    [Fact]
    public void A_question_that_was_open_is_to_be_asked_for_again() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L--c---------------
        personal : -B------------------
        work     > -0---X--------------
        personal > --------------------
        disks    > ----Gx--------------
        """, edge => Left(edge, At(Work, Vdev.Xvdg))).IsEmpty();

    [Fact]
    public void One_that_had_left_its_sender_goes_on_to_who_was_approved() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L------------------
        personal : --B--------u--------
        work     > ----S------R--------
        personal > ------------d-------
        disks    > --ah-------Hx-------
        """, edge => Left(edge, AtNobody(Approved))).IsEmpty();

    [Fact]
    public void It_does_not_go_on_to_another_life_of_its_receiver() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L------------------
        personal : -B------------------
        work     > ----F---------------
        personal > --------------------
        disks    > ----x---------------
        """, edge =>
        {
            var gone = Personal with { Identity = new(new(9), "uuid-9") };
            edge.Disposables!.Dead.Add(gone.Identity);
            edge.Slow<ExchangeCommand.ProveDeath>(p => p.Domain == gone.Identity, 4);
            Left(edge, AtNobody(Approved with { To = gone }));
        }).IsEmpty();

    [Fact]
    public void It_does_not_go_on_under_another_name_and_a_day_later_it_ends() => Scenario.Check("""
        daemon   : s------------------- 24h --
        work     : -L-------------------------
        other    : -B-------------------------
        work     >  86400s F---
        other    > ---------------------------
        disks    >  86400s x---
        """, edge => Left(edge, AtNobody(Approved))).IsEmpty();

    [Fact]
    public void One_on_which_more_was_written_than_the_person_saw_ends() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L------------------
        personal : -B------------------
        work     > -0------------------
        personal > --------------------
        disks    > x-------------------
        """, edge => Left(edge, AtNobody(Approved) with { Written = 3 << 20 })).IsEmpty();

    [Fact]
    public void One_that_was_ended_and_not_yet_deleted_does_not_go_on() => Scenario.Check("""
        daemon   : s-------------------
        work     : -M------------------
        personal : -B------------------
        work     > --------------------
        personal > --------------------
        disks    > -x------------------
        """, edge => Left(edge, AtNobody(Approved))).IsEmpty();

    [Fact]
    public void It_can_be_cancelled_before_its_receiver_is_seen() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L--c---------------
        personal : -------B------------
        work     > ----X---------------
        personal > --------------------
        disks    > ----x---------------
        """, edge => Left(edge, AtNobody(Approved))).IsEmpty();

    [Fact]
    public void Who_has_got_one_keeps_it_and_the_sender_is_told_what_became_of_it() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L------------------
        personal : -B-----u------------
        work     > -S-----R------------
        personal > --------d-----------
        disks    > -------Hx-----------
        """, edge => Left(edge, At(Personal, Vdev.Xvdh, Approved))).IsEmpty();

    [Fact]
    public void One_whose_holder_died_meanwhile_is_deleted() => Scenario.Check("""
        daemon   : s-------------------
        other    : -B------------------
        other    > --------------------
        disks    > -Gx-----------------
        """, edge =>
        {
            var gone = new DomainIdentity(new(9), "uuid-9");
            edge.Disposables!.Dead.Add(gone);
            Left(edge, new FoundPendrive(new(1), gone, Raw: true, new Slot(gone, Vdev.Xvdg), null, 0));
        }).IsEmpty();

    [Fact]
    public void One_at_somebody_whom_nothing_speaks_of_is_for_nobody_and_goes_with_its_holder() => Scenario.Check("""
        daemon   : s-------------------
        work     : -B------------------
        personal : -B---D--------------
        work     > --------------------
        personal > --------------------
        disks    > -----Hx-------------
        """, edge => Left(edge, At(Personal, Vdev.Xvdh))).IsEmpty();

    [Fact]
    public void Two_for_the_same_receiver_go_one_after_the_other() => Scenario.Check("""
        daemon   : s-------------------
        work     : -L------------------
        personal : --B---u-----u-------
        third    : -L------------------
        work     > ----S-R-------------
        third    > --W------S--R-------
        personal > -------d-----d------
        disks    > --ah--H(xa)-Hx------
        disks    > --------h-----------
        """, edge =>
        {
            var third = new Party(new(new Domid(2), "uuid-2"), VmName.Parse("third"));
            var personal = Personal with { Identity = new(new Domid(3), "uuid-3") };
            Left(edge,
                AtNobody(Approved with { To = personal }),
                new FoundPendrive(new(2), third.Identity, Raw: true, null, new(1, third, personal, 0), 0));
        }).IsEmpty();

    private static FoundPendrive At(Party holder, Vdev vdev, Approval? approved = null) =>
        new(new(1), Work.Identity, Raw: true, new Slot(holder.Identity, vdev), approved, 0);

    private static FoundPendrive AtNobody(Approval approved) => new(new(1), Work.Identity, Raw: true, null, approved, 0);

    private static void Left(VirtualEdge edge, params FoundPendrive[] found) => edge.Found = [.. found];
}
