using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>What is refused: too many, too often, the same number twice, and all that a disposable VM may not do.</summary>
public class LimitTests
{
    [Fact]
    public void A_third_one_of_the_same_VM_is_refused() => Scenario.Check("""
        work     : n----d--------n--e---------n--f---
        work     > --A--W-------S--AW-------S---Ab---
        """, says: [('e', "send disposable 8"), ('f', "send disposable 9")]);

    [Fact]
    public void The_same_number_again_is_refused_while_it_is_outstanding() => Scenario.Check("""
        work     : n----d--------n--d---
        work     > --A--W-------S--Ab---
        """);

    [Fact]
    public void The_ninth_of_all_is_refused()
    {
        var rows = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            var asked = new string('-', i);
            var made = new string('-', (5 * i) + 8 - (i + 1));
            rows.Add($"vm{i} : n----{asked}d");
            rows.Add(i < 8 ? $"vm{i} > --A--{asked}W{made}S" : $"vm{i} > --A--{asked}b");
        }

        Scenario.Check(string.Join('\n', rows));
    }

    [Fact]
    public void Too_many_within_a_minute_are_refused() => Scenario.Check("""
        work     : n----d--c---n--d--c-------n--d 60s d--------
        work     > --A--W---X----AW---X--------Ab 60s W-------S
        """, settings: new() { Disposables = new() { PerMinute = 2 } });

    [Fact]
    public void Without_a_pendrive_or_while_a_question_is_open_there_is_nothing_to_open() => Scenario.Check("""
        work     : d--n----s--d---
        personal : ---------------
        work     > p----A--?--b---
        """);

    [Theory]
    [InlineData("send personal 7")]
    [InlineData("send personal")]
    [InlineData("send work 8")]
    [InlineData("send work")]
    [InlineData("send disposable 9")]
    [InlineData("send @ask")]
    public void A_disposable_VM_may_send_nothing_but_its_reply(string request) => Scenario.Check("""
        work     : n----d------------------------
        personal : ------------------------------
        disp1    : ---------------q--n---z-------
        work     > --A--W-------S----------------
        disp1    > ----------------d---A-D-------
        disks    > mg--------Gah--Hx-mg----------
        screen   > ------------------------------
        """, says: ('z', request));

    [Fact]
    public void Nor_anything_before_its_file_has_come() => Scenario.Check("""
        work     : n----d---------------
        disp1    : ---------n-r---------
        work     > --A--W-------S-------
        disp1    > ---------D-D---------
        disks    > mg--------Gah--------
        """);

    [Fact]
    public void Nor_a_second_reply() => Scenario.Check("""
        work     : n----d----------------------------------------
        disp1    : ---------------q--n---r----------------------r
        work     > --A--W-------S--------------------------------
        disp1    > ----------------d---A------------------------D
        disks    > mg--------Gah--Hx-mg---G----------------------
        """, edge => edge.Hang<ExchangeCommand.Detach>(d => d.At.Vdev.Name == "xvdg" && d.Id.Value > 1));

    [Fact]
    public void A_VM_that_bears_such_a_name_and_is_not_known_may_do_nothing_but_end() => Scenario.Check("""
        work     : -----------------
        disp5    : B-n--s-k---------
        disp5    > --D--D-X---------
        disks    > -----------------
        dvms     > -------K---------
        """);

    [Fact]
    public void Killme_from_any_other_VM_is_refused() => Scenario.Check("""
        work     : -k---
        work     > -D---
        dvms     > -----
        """);

    [Fact]
    public void Nothing_can_be_sent_to_one_that_has_not_had_its_file() => Scenario.Check("""
        work     : n----d---------------
        personal : n--------z-----z-----
        person   : ---------------------
        work     > --A--W-------S-------
        personal > --A------D-----?-----
        screen   > ---------------?-----
        """, says: ('z', "send disp1"));

    [Fact]
    public void Whether_one_runs_is_not_told_to_who_may_not_know_names() => Scenario.Check("""
        work     : n----x------------
        work     > --A--D------------
        screen   > ------------------
        """, says: ('x', "send disp7"));

    [Fact]
    public void Where_names_are_told_one_that_does_not_run_is_no_VM() => Scenario.Check("""
        work     : n----x------------
        work     > --A--v------------
        screen   > ------------------
        """, settings: new() { RevealNames = true }, says: ('x', "send disp7"));

    [Fact]
    public void A_reply_to_one_that_is_unknown_or_does_not_run_is_refused_like_any_other() => Scenario.Check("""
        work     : n----d---------------------------
        third    : -------------------D-------------
        disp1    : ---------------q--n---x--y-------
        work     > --A--W-------S-------------------
        disp1    > ----------------d---A-D--D-------
        """, says: [('x', "send nobody 7"), ('y', "send third 7")]);
}
