using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>Disposable VMs that are made ahead.</summary>
public class ReadyTests
{
    private static readonly ExchangeSettings One = new() { Disposables = new() { Ready = 1 } };

    [Fact]
    public void One_is_made_ahead_and_opening_costs_an_unpause_then_the_next_is_made() => Scenario.Check("""
        daemon   : s------------------
        work     : n-----d------------
        work     > --A---W------S-----
        dvms     > lMRwl-lwpelMRwl----
        """, settings: One);

    [Fact]
    public void It_is_never_handed_out_twice() => Scenario.Check("""
        daemon   : s---------------------
        work     : n-----d---------------
        personal : n------d--------------
        work     > --A---W------S--------
        personal > --A----W----------S---
        """, settings: One);

    [Fact]
    public void Another_savefile_makes_those_of_the_old_one_useless() => Assert.Single(Scenario.Check("""
        daemon   : s-----c-------------------
        work     : n-----d-------------------
        work     > --A---W--------S----------
        """, settings: One).Commands<ExchangeCommand.DestroyDvm>());

    [Fact]
    public void The_change_of_the_savefile_is_noticed_within_a_minute()
    {
        var played = Scenario.Run("daemon : s----c- 61s -", settings: One);

        Assert.Single(played.Commands<ExchangeCommand.DestroyDvm>());
        Assert.Equal(2, played.Commands<ExchangeCommand.Restore>().Count());
        Assert.Equal("2", Assert.Single(played.State.Dvms.Values).Savefile!.Stamp);
    }

    [Fact]
    public void One_under_another_label_is_not_used() => Scenario.Check("""
        daemon   : s-----------------------
        work     : n-----d-----------------
        work     > --A---W-------S---------
        dvms     > lMRwl-lMRwe-------------
        """, edge => edge.Fail<ExchangeCommand.LookAtSavefile>(e => e.For is not null, e => new ExchangeEvent.SavefileLooked(e.Id, new(true, "1", 4))), settings: One);

    [Fact]
    public void Without_memory_none_is_made_and_nobody_is_told() => Scenario.Check("""
        daemon   : s------------------
        dvms     > lM 59980ms lMRwl---
        notices  > -------------------
        """, edge => edge.Fail<ExchangeCommand.AskMemory>(_ => true, e => new ExchangeEvent.MemoryRefused(e.Id, "the memory manager refused")), settings: One);
}
