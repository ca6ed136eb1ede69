using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>The policy says ask for a disposable VM: the person decides, and until then nothing is made.</summary>
public class AskTests
{
    private const string Ask = "qfx.OpenInDvm * @anyvm @dispvm ask\n* * @anyvm @anyvm allow";

    [Fact]
    public void On_yes_it_is_made() => Scenario.Check("""
        work     : n----d-------------
        policy   : p------------------
        person   : -------y-----------
        work     > --A--?-W-------S---
        screen   > -----?-------------
        dvms     > -------lMRwe-------
        """, says: ('p', Ask));

    [Fact]
    public void On_no_it_is_not_and_the_pendrive_stays() => Scenario.Check("""
        work     : n----d-----c-------
        policy   : p------------------
        person   : -------n-----------
        work     > --A--?-D----X------
        screen   > -----?-------------
        disks    > mg---------Gx------
        dvms     > -------------------
        """, says: ('p', Ask)).IsEmpty();

    [Fact]
    public void Nobody_answers_for_five_minutes() => Scenario.Check("""
        work     : n----d-------------
        policy   : p------------------
        work     > --A--? 299990ms T
        screen   > -----? 299990ms c
        dvms     > -
        """, says: ('p', Ask));

    [Fact]
    public void The_question_closes_when_the_requester_dies_and_when_it_cancels()
    {
        Scenario.Check("""
            work     : n----d-D-------
            policy   : p--------------
            work     > --A--?---------
            screen   > -----?-c-------
            dvms     > ---------------
            """, says: ('p', Ask)).IsEmpty();
        Scenario.Check("""
            work     : n----d-c-------
            policy   : p--------------
            work     > --A--?--X------
            screen   > -----?-c-------
            dvms     > ---------------
            """, says: ('p', Ask)).IsEmpty();
    }

    [Fact]
    public void A_deny_that_appears_meanwhile_ends_it() => Scenario.Check("""
        work     : n----d---------
        policy   : p------q-------
        work     > --A--?-D-------
        screen   > -----?-c-------
        dvms     > ---------------
        """, says: [('p', Ask), ('q', "qfx.OpenInDvm * work @dispvm deny\n* * @anyvm @anyvm ask")]);

    [Fact]
    public void After_three_noes_within_a_minute_nobody_is_asked() => Scenario.Check("""
        work     : n----d--d--d--d
        policy   : p--------------
        person   : ------n--n--n--
        work     > --A--?D-?D-?D-D
        screen   > -----?--?--?---
        dvms     > ---------------
        """, says: ('p', Ask));

    [Fact]
    public void Viewing_is_a_service_of_its_own()
    {
        var played = Scenario.Check("""
            work     : n----v-------------
            policy   : p------------------
            person   : -------y-----------
            work     > --A--?-W-------S---
            screen   > -----?-------------
            """, says: [('p', "qfx.ViewInDvm * @anyvm @dispvm ask\n* * @anyvm @anyvm deny"), ('v', "send disposable 7 view")]);

        Assert.Equal(PolicyService.ViewInDvm, played.Commands<ExchangeCommand.Ask>().Single().Service);
    }
}
