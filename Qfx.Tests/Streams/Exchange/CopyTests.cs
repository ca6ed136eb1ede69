using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>A plain copy when everybody behaves. The letters are explained at <see cref="Scenario"/>.</summary>
public class CopyTests
{
    [Fact]
    public void A_pendrive_goes_from_work_to_personal_and_is_deleted() => Scenario.Check("""
        work     : n----s------------------
        person   : -----------y------------
        personal : ------------------u-----
        work     > --A--?--------S---R-----
        personal > -------------------d----
        screen   > -----?------------------
        disks    > mg---------Gah----Hx----
        """).IsEmpty();

    [Fact]
    public void A_receiver_that_did_not_get_everything_says_so_to_the_sender() => Scenario.Check("""
        work     : n----s------------------
        person   : -----------y------------
        personal : ------------------f-----
        work     > --A--?--------S---N-----
        personal > -------------------d----
        """).IsEmpty();

    [Fact]
    public void A_receiver_of_2010_says_nothing_about_it_and_the_sender_keeps_what_it_knew() => Scenario.Check("""
        work     : n----s------------------
        person   : -----------y------------
        personal : ------------------q-----
        work     > --A--?--------S---------
        personal > -------------------d----
        """).IsEmpty();

    [Fact]
    public void An_umount_that_is_quicker_than_the_outcome_of_the_attach_is_kept_for_it() => Scenario.Check("""
        work     : n----s-----------------------
        person   : -----------y-----------------
        personal : ---------------u-------------
        work     > --A--?-----------(SR)--------
        personal > ------------------d----------
        disks    > mg---------Gah---Hx----------
        """, edge => edge.Slow<ExchangeCommand.Attach>(attach => attach.At.Vdev.Name == "xvdh", frames: 4)).IsEmpty();

    [Fact]
    public void An_answer_of_no_leaves_the_pendrive_with_the_sender_who_may_ask_again() => Scenario.Check("""
        work     : n----s------s------------
        person   : --------n-------y--------
        personal : ---------------------u---
        work     > --A--?--D---?------S-R---
        personal > ----------------------d--
        screen   > -----?------?------------
        disks    > mg--------------Gah--Hx--
        """).IsEmpty();

    [Fact]
    public void Cancel_takes_the_pendrive_away() => Scenario.Check("""
        work     : n----c----
        work     > --A---X---
        disks    > mg---Gx---
        """).IsEmpty();

    [Fact]
    public void Cancel_while_the_question_is_open_closes_it() => Scenario.Check("""
        work     : n----s---c--
        personal : ------------
        person   : -----------y
        work     > --A--?----X-
        screen   > -----?---c--
        disks    > mg-------Gx-
        """).IsEmpty();

    [Fact]
    public void Cancel_while_the_pendrive_is_being_made_ends_it_when_it_is_made() => Scenario.Check("""
        work     : n--c------
        work     > -----X----
        disks    > m----x----
        """, edge => edge.Slow<ExchangeCommand.Make>(_ => true, frames: 5)).IsEmpty();

    [Fact]
    public void Cancel_while_the_pendrive_is_being_attached_ends_it_when_it_is_attached() => Scenario.Check("""
        work     : n-c-------
        work     > -----X----
        disks    > mg--Gx----
        """, edge => edge.Slow<ExchangeCommand.Attach>(_ => true, frames: 3)).IsEmpty();

    [Fact]
    public void A_raw_pendrive_has_no_label_and_is_announced_as_an_archive()
    {
        var played = Scenario.Check("""
            work     : r----s--------
            person   : -------y------
            personal : --------------
            work     > --A--?----S---
            """, says: ('r', "new raw 64"));

        Assert.Equal((null, 64), played.Commands<ExchangeCommand.Make>().Select(m => (m.LabelOf, m.MiB)).Single());
        Assert.Equal("archive", played.Commands<ExchangeCommand.Announce>().Single().Kind);
    }

    [Fact]
    public void The_receiver_is_told_the_senders_name_and_that_it_is_a_plain_copy_whatever_number_the_sender_gave()
    {
        var played = Scenario.Check("""
            work     : n----7--------
            person   : -------y------
            personal : --------------
            work     > --A--?----S---
            """, says: ('7', "send personal 7"));

        var announce = played.Commands<ExchangeCommand.Announce>().Single();
        Assert.Equal(("work", 0, "vfat"), (announce.From.ToString(), announce.Seq, announce.Kind));
    }

    [Theory]
    [InlineData("new 39", "xvdg")]
    [InlineData("new 16385", "xvdg")]
    public void A_size_that_is_not_offered_is_refused_with_the_limits(string request, string notExpected)
    {
        var played = Scenario.Check("""
            work     : z----
            work     > !----
            """, says: ('z', request));

        var status = played.Commands<ExchangeCommand.WriteStatus>().Single().Status;
        Assert.Equal((1, StatusCode.BadNumber, "a pendrive has 40 to 16384 MiB"), (status.N, status.Code, status.Text));
        Assert.DoesNotContain(notExpected, status.Text, StringComparison.Ordinal);
        played.IsEmpty();
    }
}
