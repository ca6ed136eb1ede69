using Qfx.Streams.Exchange;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>The same words again.</summary>
public class RepeatTests
{
    [Fact]
    public void A_repeated_new_is_one_while_the_first_is_undecided() => Scenario.Check("""
        work     : nnn-n--------
        work     > ------A------
        disks    > mg-----------
        """, edge => edge.Slow<ExchangeCommand.Attach>(_ => true, frames: 5));

    [Fact]
    public void Two_VMs_at_the_same_time_do_not_wait_for_each_other() => Scenario.Check("""
        work     : n------------
        third    : --n----------
        work     > ---------A---
        third    > ----A--------
        """, edge => edge.Slow<ExchangeCommand.Attach>(attach => attach.At.Vm.Domid.Value == 1, frames: 8));

    [Fact]
    public void New_twice_on_purpose_is_two_requests_and_the_second_is_refused() => Scenario.Check("""
        work     : n--n-----
        work     > --Ab-----
        disks    > mg-------
        """);

    [Fact]
    public void The_window_is_counted_from_the_one_that_passed_and_not_from_the_last_that_was_dropped() => Scenario.Check("""
        work     : n------------------n-n---------------
        work     > ---------------------b---------------
        disks    > m------------------------------------
        """, edge => edge.Hang<ExchangeCommand.Make>(_ => true));

    [Fact]
    public void A_repeated_send_while_the_question_is_open_is_one_and_later_it_is_busy() => Scenario.Check("""
        work     : n----ss-------------------s---
        personal : ------------------------------
        work     > --A--?--------------------b---
        screen   > -----?------------------------
        """);

    [Fact]
    public void Another_request_in_between_makes_the_same_words_a_new_request() => Scenario.Check("""
        work     : n----sts--
        personal : ----------
        third    : ----------
        work     > --A--?bb--
        """);
}
