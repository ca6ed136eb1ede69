using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;
using Qfx.Xen.Domains;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>The daemon is started anew while disposable VMs are at work.</summary>
public class RestartTests
{
    // In these stories work is domain 1 and disp1 domain 2, in the order of their rows.
    private static readonly Party Work = new(new(new Domid(1), "uuid-1"), VmName.Parse("work"));
    private static readonly Party Disp = new(new(new Domid(2), "uuid-2"), VmName.Parse("disp1"));

    [Fact]
    public void One_with_its_record_replies_and_ends() => Scenario.Check("""
        daemon   : s--------------------
        work     : -B------------u------
        disp1    : -B--n--r-------------
        work     > ---------------d-----
        disp1    > ------A--------------
        disks    > ----mg--Gah---Hx-----
        dvms     > -------w-kx-----f----
        """, edge => Left(edge, new DvmRecord(Disp, new(Work, 7, false), false, null))).IsEmpty();

    [Fact]
    public void One_without_may_do_nothing_but_end() => Scenario.Check("""
        daemon   : s--------------------
        work     : -B-------------------
        disp1    : -B--n--r--q--k-------
        disp1    > ----D--D--D--X-------
        disks    > ---------------------
        dvms     > -------------K-------
        """);

    [Fact]
    public void A_reply_that_had_left_is_handed_over_and_its_disposable_VM_ends() => Scenario.Check("""
        daemon   : s--------------------
        work     : -B-----u-------------
        disp1    : -B-------------------
        work     > --------d------------
        disks    > -ah----Hx------------
        dvms     > kx-------f-----------
        """, edge => Left(edge, new DvmRecord(Disp, new(Work, 7, false), true, new(1)))).IsEmpty();

    [Fact]
    public void One_whose_file_had_not_left_its_requester_ends_and_both_are_told() => Scenario.Check("""
        daemon   : s--------------------
        work     : -L----c--------------
        disp1    : -B-------------------
        work     > -0-----X-------------
        notices  > F--------------------
        disks    > ------Gx-------------
        dvms     > -kxf-----------------
        """, edge =>
        {
            edge.Found = [new(new(3), Work.Identity, Raw: true, new Slot(Work.Identity, Vdev.Xvdg), null, null)];
            Left(edge, new DvmRecord(Disp, new(Work, 7, false), false, null) { Opens = new(3) });
        }).IsEmpty();

    [Fact]
    public void One_that_has_its_file_goes_on_with_it() => Scenario.Check("""
        daemon   : s--------------------
        work     : -B----------------u---
        disp1    : -B--u--n--r-----------
        work     > -------------------d--
        disp1    > -----d---A------------
        disks    > ----Hx-mg--Gah----Hx--
        dvms     > ----------w-kx------f-
        """, edge =>
        {
            edge.Found = [new(new(3), Work.Identity, Raw: true, new Slot(Disp.Identity, Vdev.Xvdh), new(4, Work, Disp, null), null)];
            Left(edge, new DvmRecord(Disp, new(Work, 7, false), false, null) { Opens = new(3) });
        }).IsEmpty();

    [Fact]
    public void A_reply_that_its_disposable_VM_does_not_let_go_of_goes_on_when_that_is_gone() => Scenario.Check("""
        daemon   : s--------------------
        work     : -B-------------u-----
        disp1    : -B-------------------
        work     > ----------------d----
        disks    > --Gah----------Hx----
        dvms     > kx---------------f---
        """, edge => Left(edge, new DvmRecord(Disp, new(Work, 7, false), true, new(1)) { IsStuck = true })).IsEmpty();

    [Fact]
    public void A_reply_whose_requester_died_meanwhile_is_deleted() => Scenario.Check("""
        daemon   : s-------------------
        disp1    : -B------------------
        disks    > -x------------------
        dvms     > kxf-----------------
        """, edge =>
        {
            edge.Disposables!.Dead.Add(Work.Identity);
            Left(edge, new DvmRecord(new(new(new Domid(1), "uuid-1"), Disp.Name), new(Work with { Identity = new(new(9), "uuid-9") }, 7, false), true, new(1)));
            edge.Disposables.Dead.Add(new(new(9), "uuid-9"));
        }).IsEmpty();

    [Fact]
    public void One_whose_requester_died_meanwhile_is_destroyed() => Scenario.Check("""
        daemon   : s-------------------
        disp1    : -B------------------
        dvms     > -kxf----------------
        """, edge =>
        {
            var gone = new DomainIdentity(new(9), "uuid-9");
            edge.Disposables!.Dead.Add(gone);
            Left(edge, new DvmRecord(new(new(new Domid(1), "uuid-1"), Disp.Name), new(Work with { Identity = gone }, 7, false), false, null));
        });

    [Fact]
    public void One_that_died_meanwhile_leaves_nothing() => Scenario.Check("""
        daemon   : s-------------------
        work     : -B------------------
        dvms     > -xf-----------------
        """, edge =>
        {
            edge.Disposables!.Dead.Add(Disp.Identity);
            Left(edge, new DvmRecord(Disp, new(Work, 7, false), false, null));
        }).IsEmpty();

    [Fact]
    public void Those_that_were_made_ahead_are_swept() => Scenario.Check("""
        daemon   : s-------------------
        disp1    : -B------------------
        dvms     > kxf-----------------
        """, edge => Left(edge, new DvmRecord(new(new(new Domid(1), "uuid-1"), Disp.Name), null, false, null)));

    [Fact]
    public void A_store_that_says_nothing_ends_nothing()
    {
        var played = Scenario.Check("""
            daemon   : s------------------- 5m ----
            dvms     > ---------------------
            disks    > ---------------------
            """, edge => Left(edge, new DvmRecord(Disp, new(Work, 7, false), false, null)));

        Assert.IsType<DvmStage.Running>(Assert.Single(played.State.Dvms).Value.Stage);
    }

    private static void Left(VirtualEdge edge, params DvmRecord[] records) => edge.Disposables!.Records = [.. records];
}
