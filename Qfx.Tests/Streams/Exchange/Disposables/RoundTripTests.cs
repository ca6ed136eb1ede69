using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>A file is opened in a disposable VM and comes back.</summary>
public class RoundTripTests
{
    [Fact]
    public void A_file_goes_out_comes_back_changed_and_nothing_is_left()
    {
        var played = Scenario.Check("""
            work     : n----d------------------------u---
            disp1    : ---------------q--n---r-----------
            work     > --A--W-------S-----------------d--
            disp1    > ----------------d---A-------------
            disks    > mg--------Gah--Hx-mg---Gah----Hx--
            dvms     > -----lMRwe------------w-kx------f-
            notices  > ----------------------------------
            screen   > ----------------------------------
            """);

        Assert.Equal(["request", "reply"], played.Commands<ExchangeCommand.Announce>().Select(a => a.Kind));
        Assert.Equal([7, 7], played.Commands<ExchangeCommand.Announce>().Select(a => a.Seq));
        Assert.Equal(["work", "disp1"], played.Commands<ExchangeCommand.Announce>().Select(a => a.From.ToString()));
        played.IsEmpty();
    }

    [Fact]
    public void An_unchanged_file_is_not_sent_back_the_disposable_VM_asks_for_its_end() => Scenario.Check("""
        work     : n----d------------------
        disp1    : ---------------q--k-----
        work     > --A--W-------S----------
        disp1    > ----------------d-X-----
        disks    > mg--------Gah--Hx-------
        dvms     > -----lMRwe--------kxf---
        notices  > ------------------------
        """).IsEmpty();

    [Fact]
    public void What_is_only_viewed_has_no_reply()
    {
        var played = Scenario.Check("""
            work     : n----v---------------------
            disp1    : ---------------q--n--k-----
            work     > --A--W-------S-------------
            disp1    > ----------------d-D--X-----
            disks    > mg--------Gah--Hx----------
            dvms     > -----lMRwe-----------kxf---
            """);

        Assert.Equal("view", played.Commands<ExchangeCommand.Announce>().Single().Kind);
        played.IsEmpty();
    }

    [Fact]
    public void A_guest_of_2010_writes_umount_and_new_right_after_each_other() => Scenario.Check("""
        work     : n----d------------------------u---
        disp1    : ---------------qn-----r-----------
        work     > --A--W-------S-----------------d--
        disp1    > ------------------A---------------
        dvms     > -----lMRwe------------w-kx------f-
        """).IsEmpty();

    [Fact]
    public void If_its_umount_is_lost_its_new_implies_it() => Scenario.Check("""
        work     : n----d------------------------u---
        disp1    : ----------------n-----r-----------
        work     > --A--W-------S-----------------d--
        disp1    > ------------------A---------------
        dvms     > -----lMRwe------------w-kx------f-
        """).IsEmpty();

    [Fact]
    public void A_guest_that_is_quicker_than_our_outcome_of_the_attach_is_heard() => Scenario.Check("""
        work     : n----d------------------------u---
        disp1    : -------------n--------r-----------
        work     > --A--W------------S------------d--
        disp1    > -------------------A--------------
        disks    > mg--------Gahm----gHx--Gah----Hx--
        dvms     > -----lMRwe------------w-kx------f-
        """, edge => edge.Slow<ExchangeCommand.Attach>(a => a.At.Vdev.Name == "xvdh", frames: 6)).IsEmpty();

    [Fact]
    public void Two_openings_of_one_VM_are_made_one_after_the_other() => Scenario.Check("""
        work     : n----d--------n--e--------
        disp1    : --------------------------
        work     > --A--W-------S--AW-------S
        disks    > mg--------Gah-mg------Gah-
        dvms     > -----lMRwe-------lMRwe----
        """, says: ('e', "send disposable 8"));

    [Fact]
    public void Two_VMs_that_ask_at_once_wait_for_one_another() => Scenario.Check("""
        work     : n----d--------------------
        personal : n-----d-------------------
        work     > --A--W-------S------------
        personal > --A---W-----------S-------
        dvms     > -----lMRwelMRwe-----------
        """);

    [Fact]
    public void Keep_dvms_keeps_what_has_done_its_work_and_it_may_do_nothing() => Scenario.Check("""
        work     : n----d------------------------
        disp1    : ---------------q--k--n--------
        work     > --A--W-------S----------------
        disp1    > ----------------d-X--D--------
        dvms     > -----lMRwe--------------------
        """, settings: new() { Disposables = new() { Keep = true } });

    [Fact]
    public void A_host_that_has_none_says_so() => Scenario.Check("""
        work     : n----d---
        work     > --A--!---
        dvms     > ---------
        """, settings: new() { Disposables = new() { Enabled = false } });
}
