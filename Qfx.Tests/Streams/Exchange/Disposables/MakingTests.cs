using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>Each step of the making, and each way it fails: the requester keeps its pendrive, and nothing else is left.</summary>
public class MakingTests
{
    private static readonly Failure Broken = new(StatusCode.Failed, "it broke");

    [Fact]
    public void A_stale_savefile_is_made_anew_first_and_the_person_is_told() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--WW--------S---
        dvms     > -----lulMRwe-------
        notices  > ------u------------
        """, edge => edge.Disposables!.Savefile = new(false, "", 1));

    [Fact]
    public void An_update_that_fails_is_told_to_both_and_the_pendrive_stays() => Scenario.Check("""
        work     : n----d-----n--c----
        work     > --A--WWF---b---X---
        disks    > mg------------Gx---
        dvms     > -----lu------------
        notices  > ------uU-----------
        """, edge =>
        {
            edge.Disposables!.Savefile = new(false, "", 1);
            Fail<ExchangeCommand.UpdateSavefile>(edge);
        }).IsEmpty();

    [Fact]
    public void An_update_that_leaves_it_stale_is_not_made_twice() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--WW-F----------
        dvms     > -----lul-----------
        notices  > ------u-U----------
        """, edge =>
        {
            edge.Disposables!.Savefile = new(false, "", 1);
            edge.Fail<ExchangeCommand.UpdateSavefile>(_ => true, e => new ExchangeEvent.SavefileUpdated(e.Id));
        });

    [Fact]
    public void An_update_that_hangs_ends_after_a_quarter_of_an_hour() => Scenario.Check("""
        work     : n----d-----------
        work     > --A--WW 904990ms T--------
        """, edge =>
        {
            edge.Disposables!.Savefile = new(false, "", 1);
            edge.Hang<ExchangeCommand.UpdateSavefile>(_ => true);
        });

    [Fact]
    public void Without_memory_the_person_is_told_to_end_a_VM() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W-F-----------
        dvms     > -----lM------------
        notices  > -------M-----------
        """, edge => edge.Fail<ExchangeCommand.AskMemory>(_ => true, e => new ExchangeEvent.MemoryRefused(e.Id, "the memory manager refused")));

    [Fact]
    public void Where_nobody_manages_memory_the_restore_itself_says_that_there_is_none() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W--F----------
        dvms     > -----lMR-----------
        notices  > --------M----------
        """, edge => edge.Fail<ExchangeCommand.Restore>(_ => true, e => new ExchangeEvent.MemoryRefused(e.Id, "the guest has 400 MiB, and 12 were free")));

    [Fact]
    public void A_look_that_fails() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--WF------------
        dvms     > -----l-------------
        notices  > ------F------------
        """, Fail<ExchangeCommand.LookAtSavefile>);

    [Fact]
    public void A_memory_manager_that_breaks() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W-F-----------
        dvms     > -----lM------------
        notices  > -------F-----------
        """, Fail<ExchangeCommand.AskMemory>);

    [Fact]
    public void A_restore_that_fails() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W--F----------
        dvms     > -----lMR-----------
        notices  > --------F----------
        """, Fail<ExchangeCommand.Restore>);

    [Fact]
    public void A_restore_that_hangs_ends_after_two_minutes_and_the_next_one_is_made() => Scenario.Check("""
        work     : n----d----------------
        personal : n-----d---------------
        work     > --A--W 125010ms T---------
        personal > --A---W 125090ms S-
        """, edge => edge.Hang<ExchangeCommand.Restore>(_ => true));

    [Fact]
    public void A_record_that_cannot_be_written_ends_the_disposable_VM() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W---F---------
        dvms     > -----lMRwkxf-------
        notices  > ---------F---------
        """, Fail<ExchangeCommand.RecordDvm>);

    [Fact]
    public void An_entry_that_cannot_be_made_ends_it() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W----F--------
        dvms     > -----lMRwekxf------
        notices  > ----------F--------
        """, Fail<ExchangeCommand.EnterDvm>);

    [Fact]
    public void A_host_that_restores_paused_lets_it_run_only_when_its_record_is_written() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W--------S----
        dvms     > -----lMRwpe--------
        """, edge => edge.Disposables!.Paused = true);

    [Fact]
    public void One_that_cannot_be_let_run_ends() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W----F--------
        dvms     > -----lMRwpkxf------
        """, edge =>
        {
            edge.Disposables!.Paused = true;
            Fail<ExchangeCommand.Unpause>(edge);
        });

    [Fact]
    public void One_that_never_appears_in_xenstore_is_given_up() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W---- 30s T--------
        """, edge => edge.Disposables!.Unseen = true);

    [Fact]
    public void A_requester_that_does_not_let_go_of_its_pendrive() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W-----T-------
        disks    > mg--------G--------
        dvms     > -----lMRwe-kxf-----
        notices  > -----------F-------
        """, edge => edge.Fail<ExchangeCommand.Detach>(_ => true, d => new ExchangeEvent.DetachFailed(d.Id, Failure.TimedOut)));

    [Fact]
    public void An_attach_to_it_that_fails_gives_the_pendrive_back() => Scenario.Check("""
        work     : n----d-------------
        work     > --A--W--------F----
        disks    > mg--------Gahg-----
        dvms     > -----lMRwe---kxf---
        notices  > -------------F-----
        """, edge => edge.Fail<ExchangeCommand.Attach>(
            a => a.At.Vdev.Name == "xvdh", a => new ExchangeEvent.AttachFailed(a.Id, new(StatusCode.SlotInUse, "used"), Exposed: false)));

    [Fact]
    public void A_disposable_VM_that_dies_while_it_is_being_made() => Scenario.Check("""
        work     : n----d-------------
        disp1    : ---------D---------
        work     > --A--W---F---------
        disks    > mg-----------------
        dvms     > -----lMRwxf--------
        notices  > ---------F---------
        """);

    [Fact]
    public void Cancel_while_it_is_being_made_ends_it_when_its_step_is_over() => Scenario.Check("""
        work     : n----d--c----------
        work     > --A--W---X---------
        disks    > mg------Gx---------
        dvms     > -----lMRkxf--------
        """).IsEmpty();

    [Fact]
    public void Cancel_while_another_is_being_made_forgets_the_request() => Scenario.Check("""
        work     : n----d---------------
        personal : n-----d-c------------
        work     > --A--W-------S-------
        personal > --A---W--X-----------
        dvms     > -----lMRwe-----------
        """);

    private static void Fail<T>(VirtualEdge edge)
        where T : ExchangeCommand.DvmEffect => edge.Fail<T>(_ => true, e => e.Fail(Broken)!);
}
