using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;

namespace Qfx.Tests.Streams.Rules;

/// <summary>A VM that was saved, or rebooted, with a pendrive: its next life is told, and its kernel rid of the dead disk.</summary>
public class TellNextLifeTests
{
    [Fact]
    public void Who_had_one_of_its_own_reads_that_it_is_gone()
    {
        var played = Scenario.Check("""
            work     : n------R
            work     > --A----X
            disks    > mg-----Gx 980ms k 3990ms k 14990ms k 39990ms k
            """);

        Assert.Equal("0 cancelled the pendrive at xvdg is gone: this VM was saved or rebooted, nothing of it was sent", Last(played));
        Assert.All(played.Begun<ExchangeCommand.DropDeadDisk>(), drop => Assert.Equal(Vdev.Xvdg, drop.At.Vdev));
    }

    [Fact]
    public void Who_had_one_that_came_reads_so_as_its_sender_does()
    {
        var played = Scenario.Check("""
            work     : n----s
            person   : -------y
            personal : ---------------R
            work     > --A--?----S----N
            personal > ---------------d
            disks    > mg-----Gah-----Hx 980ms k 3990ms k 14990ms k 39990ms k
            """);

        Assert.Equal("0 detached the pendrive at xvdh is gone: this VM was saved or rebooted, its sender knows", Last(played));
        Assert.All(played.Begun<ExchangeCommand.DropDeadDisk>(), drop => Assert.Equal(Vdev.Xvdh, drop.At.Vdev));
    }

    [Fact]
    public void It_is_told_once_and_who_had_none_is_told_nothing() => Scenario.Check("""
        work     : n------R-- 2s R 2m -
        personal : -------R
        work     > --A----X
        disks    > mg-----Gx 980ms k
        """);

    [Fact]
    public void Another_VM_of_its_name_is_not_told() => Scenario.Check("""
        work     : B--n------D---B
        work     > -----A
        disks    > ---mg-----Gx
        """);

    [Fact]
    public void Who_has_sent_it_on_has_none() => Scenario.Check("""
        work     : n----s---------R
        person   : -------y
        personal : -
        work     > --A--?----S
        """);

    private static string Last(Scenario played) => Encoding.ASCII.GetString(played.Begun<ExchangeCommand.WriteStatus>().Last().Status.Encode());
}
