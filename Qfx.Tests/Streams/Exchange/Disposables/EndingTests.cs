using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>However a disposable VM ends, its entry, its record and its pendrives go.</summary>
public class EndingTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(16)]
    [InlineData(19)]
    [InlineData(21)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(26)]
    [InlineData(28)]
    public void When_the_requester_dies_nothing_is_left_at_whichever_step(int frame)
    {
        var played = Scenario.Run($"""
            work     : n----d-----------------------------------------------
            work     : {new string('-', frame)}D
            disp1    : ---------------q--n---r
            """);

        played.IsEmpty();
        Assert.Equal(played.Commands<ExchangeCommand.RecordDvm>().Select(w => w.Text.Vm.Identity).Distinct(), played.Commands<ExchangeCommand.ForgetDvm>()
            .Select(f => f.Vm).Intersect(played.Commands<ExchangeCommand.RecordDvm>().Select(w => w.Text.Vm.Identity)));
        Assert.Equal(played.Commands<ExchangeCommand.Make>().Count(), played.Commands<ExchangeCommand.Delete>().Count());
    }

    [Fact]
    public void One_that_ends_by_itself_without_a_reply_is_told_to_the_person() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------q--D----
        work     > --A--W-------S---------
        disp1    > ----------------d------
        dvms     > -----lMRwe--------xf---
        notices  > ------------------E----
        """).IsEmpty();

    [Fact]
    public void One_that_ends_with_its_file_was_not_received() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------D-------
        work     > --A--W-------S-N-------
        disks    > mg--------Gah--Hx------
        """).IsEmpty();

    [Fact]
    public void A_destroy_that_fails_is_tried_again() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------q--k----
        work     > --A--W-------S---------
        disp1    > ----------------d-X---- 60s -----
        dvms     > -----lMRwe--------k 60s kxf----
        """, edge => edge.Fail<ExchangeCommand.DestroyDvm>(_ => true, e => e.Fail(Failure.TimedOut)!)).IsEmpty();

    [Fact]
    public void An_entry_that_cannot_be_removed_is_tried_again() => Scenario.Check("""
        work     : n----d-----------------
        disp1    : ---------------q--k----
        work     > --A--W-------S---------
        disp1    > ----------------d-X---- 60s -----
        dvms     > -----lMRwe--------kx 60s xf---
        """, edge => edge.Fail<ExchangeCommand.RemoveEntry>(_ => true, e => e.Fail(Failure.TimedOut)!)).IsEmpty();
}
