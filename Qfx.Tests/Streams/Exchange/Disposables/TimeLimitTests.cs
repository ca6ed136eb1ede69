using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>Steps that do not end by themselves: each is given up after its limit and a grace of five seconds, and nothing is left.</summary>
public class TimeLimitTests
{
    [Fact]
    public void A_look_at_the_savefile() => Scenario.Check("""
        work     : n----d----------------
        work     > --A--W 34990ms T------
        dvms     > -----l 34990ms -------
        notices  > ------ 34990ms F------
        """, Hang<ExchangeCommand.LookAtSavefile>);

    [Fact]
    public void The_memory_manager() => Scenario.Check("""
        work     : n----d----------------
        work     > --A--W- 34990ms T-----
        dvms     > -----lM 34990ms ------
        notices  > ------- 34990ms F-----
        """, Hang<ExchangeCommand.AskMemory>);

    [Fact]
    public void The_record() => Scenario.Check("""
        work     : n----d-------------------
        work     > --A--W--- 34990ms T------
        dvms     > -----lMRw 34990ms kxf----
        notices  > --------- 34990ms F------
        """, Hang<ExchangeCommand.RecordDvm>);

    [Fact]
    public void The_entry_in_the_database() => Scenario.Check("""
        work     : n----d-------------------
        work     > --A--W---- 34990ms T-----
        dvms     > -----lMRwe 34990ms kxf---
        notices  > ---------- 34990ms F-----
        """, Hang<ExchangeCommand.EnterDvm>);

    [Fact]
    public void To_let_it_run() => Scenario.Check("""
        work     : n----d-------------------
        work     > --A--W---- 34990ms T-----
        dvms     > -----lMRwp 34990ms kxf---
        notices  > ---------- 34990ms F-----
        """, edge =>
        {
            edge.Disposables!.Paused = true;
            Hang<ExchangeCommand.Unpause>(edge);
        });

    [Fact]
    public void A_destroy_is_tried_again_after_a_minute() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------q--k----
        work     > --A--W-------S---------
        disp1    > ----------------d-X---- 125s -----
        dvms     > -----lMRwe--------k 124990ms kxf--
        """, Hang<ExchangeCommand.DestroyDvm>).IsEmpty();

    [Fact]
    public void So_is_the_removal_of_the_entry() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------q--k----
        work     > --A--W-------S---------
        disp1    > ----------------d-X---- 95s ------
        dvms     > -----lMRwe--------kx 94990ms xf---
        """, Hang<ExchangeCommand.RemoveEntry>).IsEmpty();

    private static void Hang<T>(VirtualEdge edge)
        where T : ExchangeCommand.Effect => edge.Hang<T>(_ => true);
}
