using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Rules;

/// <summary>The example of docs/rules.md, "A new rule".</summary>
public class WarnOfForgottenTests
{
    [Fact]
    public void A_pendrive_that_has_been_at_its_receiver_for_an_hour_is_told_to_the_person_once()
    {
        var played = Scenario.Check("""
            work     : n----s
            person   : -------y
            personal : ------------ 3h u--
            work     > --A--?----S- 3h R--
            personal > ------------ 3h -d-
            screen   > -----?----
            notices  > ----------s 3599990ms i
            notices  > ------------ 3h r
            """);

        var notice = Assert.Single(played.Begun<ExchangeCommand.Notify>(), n => n.Kind == NoticeKind.PendriveForgotten);
        Assert.Equal((NoticeKind.PendriveForgotten, "personal", "work"), (notice.Kind, notice.About.ToString(), notice.Other.ToString()));
        Assert.Contains(played.Begun<ExchangeCommand.Record>(), r => r.Report.Text == "the pendrive has been at xvdh for long: unmount it there");
    }

    [Fact]
    public void One_that_is_unmounted_a_moment_before_is_not() => Scenario.Check("""
        work     : n----s
        person   : -------y
        personal : ---------- 3599990ms u-
        work     > --A--?----S 3599980ms R
        personal > ---------- 3599990ms -d
        screen   > -----?
        notices  > ----------s 3599980ms r 2h -
        """).IsEmpty();

    [Fact]
    public void One_whose_receiver_dies_before_is_not() => Scenario.Check("""
        work     : n----s
        person   : -------y
        personal : ---------- 30m D
        work     > --A--?----S 1799990ms N
        screen   > -----?
        notices  > ----------s 1799990ms n 2h -
        """).IsEmpty();

    [Fact]
    public void Each_pendrive_has_an_hour_of_its_own() => Scenario.Check("""
        work     : n----s
        third    : 30m n----w
        person   : -------y 30m y
        personal : -
        work     > --A--?----S
        third    > 30m --A--?-----S
        screen   > -----?
        screen   > 30m -----?
        notices  > ----------s 3599990ms i
        notices  > 30m -----------s 3599990ms i
        """);
}
