using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;

namespace Qfx.Tests.Streams.Exchange;

/// <summary>What comes too late, at the same time, or from somebody whom it does not concern.</summary>
public class RaceTests
{
    // In these stories work is domain 1, personal 2, third 3; work's pendrive is p1.
    private const string Sent = """
        work     : n----s--
        personal : --------
        person   : ------y-
        """;

    // Work's pendrive is on its way to personal; third's, p2, waits for its turn.
    private const string SentAndWaiting = """
        work     : n----s---------
        personal : ---------------
        third    : -n---------s---
        person   : ------y-----y--
        """;

    private static readonly PendriveId First = new(1);
    private static readonly Failure Broken = new(StatusCode.Failed, "it broke");
    private static readonly ExchangeEvent WorkDies = new ExchangeEvent.DomainGone(Moment.Vm(1));
    private static readonly ExchangeEvent PersonalDies = new ExchangeEvent.DomainGone(Moment.Vm(2));
    private static readonly ExchangeEvent WorkIsRenamed = new ExchangeEvent.NameBound(VmName.Parse("other"), new(1));

    [Fact]
    public void An_attach_that_succeeds_although_the_receiver_has_died_is_taken_back()
    {
        var moment = Moment.Of(Sent, edge => edge.Hang<ExchangeCommand.Attach>(a => a.At.Vdev == Vdev.Xvdh));
        Assert.Equal(["CallOffAttach"], moment.When(PersonalDies));

        Assert.Equal(["journal: the receiver ended before it had the pendrive", "1 reads Failed", "detach p1 xvdh of 2 of the dead"],
            moment.When(new ExchangeEvent.Attached(First)));
    }

    [Fact]
    public void What_a_dead_sender_does_not_let_go_of_is_tried_again_and_then_after_a_while()
    {
        var moment = Moment.Of(Sent, edge => edge.Hang<ExchangeCommand.Detach>(_ => true));
        moment.When(WorkDies);

        Assert.Contains("detach p1 xvdg of 1 of the dead", moment.When(new ExchangeEvent.DetachFailed(First, Broken)));
        Assert.Contains("start Held", moment.When(new ExchangeEvent.DetachFailed(First, Broken)));
        Assert.Equal(["detach p1 xvdg of 1 of the dead"], moment.When(new ExchangeEvent.TimeUp(new TimerId.Held(First))));
    }

    [Fact]
    public void What_comes_back_to_a_sender_that_has_died_goes()
    {
        var moment = Returning();
        moment.When(WorkDies);

        Assert.Equal(["detach p1 xvdg of 1 of the dead"], moment.When(new ExchangeEvent.Attached(First)));
    }

    [Theory]
    [InlineData(true, "detach p1 xvdg of 1")]
    [InlineData(false, "delete p1")]
    public void What_cannot_come_back_to_its_sender_goes_and_the_sender_is_told(bool exposed, string goes) => Assert.Equal(
        ["journal: it broke; then the attach to the sender failed: it broke", "1 reads Failed", goes],
        Returning().When(new ExchangeEvent.AttachFailed(First, Broken, exposed)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sender_that_is_renamed_while_its_pendrive_is_announced_loses_the_approval_and_who_waits_is_next(bool announced)
    {
        var moment = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));
        moment.When(WorkIsRenamed);

        var told = moment.When(announced ? new ExchangeEvent.Announced(First) : new ExchangeEvent.AnnounceFailed(First, Broken));

        Assert.Equal(
            ["delete p1", "notice TransferFailed", "journal: the sender or the receiver ended or changed its name: send the files again", "1 reads Failed", "stop Waiting", "announce p2 to 2"],
            told);
    }

    [Fact]
    public void When_it_cannot_be_announced_the_sender_gets_it_back_and_who_waits_is_next()
    {
        var moment = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));

        Assert.Equal(["attach p1 xvdg of 1", "stop Waiting", "announce p2 to 2"], moment.When(new ExchangeEvent.AnnounceFailed(First, Broken)));
    }

    [Fact]
    public void A_receiver_that_has_become_busy_with_many_who_wait_gives_the_pendrive_back()
    {
        // Personal has fourth's; third's waits; work was approved while personal was free for it, and leaves slowly.
        var moment = Moment.Of("""
            work     : n----s--------------
            personal : --------------------
            third    : n------s------------
            fourth   : n----------s--------
            person   : ------y--y--y-------
            """, edge =>
        {
            edge.Hang<ExchangeCommand.Detach>(d => d.At.Vm == Moment.Vm(1));
        }, new() { WaitingPerReceiver = 1, Policy = Scenario.AskAlways });
        Assert.Single(moment.State.WaitingFor(Moment.Vm(2)));

        Assert.Equal(["attach p1 xvdg of 1"], moment.When(new ExchangeEvent.Detached(First)));
        var back = moment.When(new ExchangeEvent.Attached(First));
        Assert.Contains("journal: the receiver could not take the pendrive, it is back at its sender: too many others wait for this receiver", back);
    }

    [Fact]
    public void A_VM_with_nothing_of_its_own_cancels_nothing_of_anybody_else()
    {
        Scenario.Check("""
            work     : n----s-------------
            third    : n----------s-------
            fourth   : ------c--------c---
            personal : -------------------
            person   : -------y-----------
            work     > --A--?----S--------
            third    > --A--------?-------
            fourth   > ------p--------p---
            """).Dispose();
        var waits = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));
        waits.When(new ExchangeEvent.DomainAppeared(Moment.Vm(9)));

        Assert.Equal(["journal: there is nothing to cancel", "9 reads NoPendrive"], waits.When(Asks(9, new Request.Cancel())));
    }

    [Theory]
    [InlineData("xvdg")]
    [InlineData("xvdh")]
    public void A_slot_that_is_being_freed_is_not_free_yet(string slot)
    {
        if (slot == "xvdg")
        {
            var discarding = Moment.Of("work : n----c", edge => edge.Hang<ExchangeCommand.Detach>(_ => true));
            Assert.Contains("1 reads Busy", discarding.When(Asks(1, new Request.New(null, false))));
            return;
        }

        var leaving = Moment.Of("""
            work     : n----s---------
            personal : ----------u----
            person   : ------y--------
            """, edge => edge.Hang<ExchangeCommand.Detach>(d => d.At.Vdev == Vdev.Xvdh));
        Assert.Equal(["journal: the pendrive is being detached", "2 reads Busy"], leaving.When(Asks(2, new Request.Umount(true))));
        Assert.NotNull(leaving.State.In(new(Moment.Vm(2), Vdev.Xvdh)));
    }

    [Fact]
    public void What_is_on_its_way_can_be_cancelled_by_nobody()
    {
        var moment = Moment.Of(Sent, edge => edge.Hang<ExchangeCommand.Detach>(_ => true));

        Assert.Equal(["journal: the pendrive is being moved", "1 reads Busy"], moment.When(Asks(1, new Request.Cancel())));
        Assert.Empty(moment.When(new ExchangeEvent.CancelOrdered(First)));
    }

    [Fact]
    public void An_order_about_a_pendrive_that_is_not_there_does_nothing()
    {
        var moment = Moment.Of(Sent);

        Assert.Empty(moment.When(new ExchangeEvent.CancelOrdered(new(99)), new ExchangeEvent.DetachOrdered(new(99))));
        Assert.Empty(moment.When(new ExchangeEvent.CancelOrdered(First)));    // the receiver has it
    }

    [Fact]
    public void What_a_VM_did_not_let_go_of_at_xvdg_is_its_own_to_cancel_and_at_xvdh_the_administrators_to_detach()
    {
        var sender = Moment.Of(Sent, edge => edge.Hang<ExchangeCommand.Detach>(_ => true));
        sender.When(new ExchangeEvent.DetachFailed(First, Failure.TimedOut));
        Assert.Empty(sender.When(new ExchangeEvent.DetachOrdered(First)));
        Assert.Equal(["detach p1 xvdg of 1", "journal: the administrator has cancelled it"], sender.When(new ExchangeEvent.CancelOrdered(First)));

        var receiver = Moment.Of("""
            work     : n----s---------
            personal : ----------u----
            person   : ------y--------
            """, edge => edge.Hang<ExchangeCommand.Detach>(d => d.At.Vdev == Vdev.Xvdh));
        receiver.When(new ExchangeEvent.DetachFailed(First, Failure.TimedOut));
        Assert.Empty(receiver.When(new ExchangeEvent.CancelOrdered(First)));
        Assert.Equal(["journal: the administrator has it taken away", "detach p1 xvdh of 2"], receiver.When(new ExchangeEvent.DetachOrdered(First)));
    }

    [Fact]
    public void An_image_that_cannot_be_deleted_is_the_administrators_from_then_on()
    {
        var moment = Moment.Of("work : n----c", edge => edge.Hang<ExchangeCommand.Delete>(_ => true));

        Assert.Equal(["journal: an image could not be deleted, remove it by hand: it broke"], moment.When(new ExchangeEvent.DeleteFailed(First, Broken)));
        Assert.Empty(moment.State.Pendrives);
    }

    [Fact]
    public void A_death_is_heard_once_and_that_of_a_stranger_or_of_another_life_is_nothing()
    {
        var moment = Moment.Of(Sent);

        Assert.Empty(moment.When(new ExchangeEvent.DomainGone(Moment.Vm(77)), new ExchangeEvent.DomainGone(Moment.Vm(2) with { Uuid = "another" })));
        Assert.NotEmpty(moment.When(PersonalDies));
        Assert.Empty(moment.When(PersonalDies));
    }

    [Fact]
    public void A_yes_to_one_that_would_have_to_wait_where_many_do_by_now_leaves_the_pendrive_with_its_sender()
    {
        var moment = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true), new() { WaitingPerReceiver = 2, Policy = Scenario.AskAlways });
        var fourth = Moment.Party(4, "fourth");
        moment.When(new ExchangeEvent.DomainAppeared(fourth.Identity), new ExchangeEvent.NameBound(fourth.Name, fourth.Domid), Asks(4, new Request.New(null, false)));
        var id = moment.State.Pendrives.Values.Single(p => p.Sender == fourth.Identity).Id;
        moment.When(new ExchangeEvent.Made(id), new ExchangeEvent.Attached(id), Asks(4, new Request.Send(VmName.Parse("personal"), null)));
        var question = Assert.IsType<Stage.Asking>(moment.State.Pendrives[id].Stage).Question;
        moment.When(new ExchangeEvent.SettingsChanged(moment.State.Settings with { WaitingPerReceiver = 1 }));

        Assert.Contains("4 reads Denied", moment.When(new ExchangeEvent.Answered(question, true)));
        Assert.IsType<Stage.AtSender>(moment.State.Pendrives[id].Stage);
    }

    [Fact]
    public void Who_has_one_that_waits_may_send_the_next_to_somebody_who_is_free()
    {
        var moment = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));
        moment.When(Asks(3, new Request.New(null, false)));
        var id = moment.State.Pendrives.Keys.MaxBy(key => key.Value);
        moment.When(new ExchangeEvent.Made(id), new ExchangeEvent.Attached(id));

        Assert.Contains("3 reads Asking", moment.When(Asks(3, new Request.Send(VmName.Parse("work"), null))));
        var question = ((Stage.Asking)moment.State.Pendrives[id].Stage).Question;
        Assert.Contains("detach p" + id.Value + " xvdg of 3", moment.When(new ExchangeEvent.Answered(question, true)));
    }

    [Fact]
    public void What_waits_goes_with_the_death_of_its_sender_before_its_name_is_free()
    {
        var moment = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));

        var told = moment.When(new ExchangeEvent.DomainGone(Moment.Vm(3)));

        Assert.Equal(["stop Waiting", "delete p2"], told.Take(2));
    }

    [Fact]
    public void Who_waits_no_longer_is_answered_after_its_pendrive_is_gone_and_a_receiver_after_it_is_detached()
    {
        var waits = Moment.Of(SentAndWaiting, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));
        Assert.Equal(["stop Waiting", "delete p2", "journal: the pendrive is gone", "3 reads Cancelled"], waits.When(Asks(3, new Request.Cancel())));

        var has = Moment.Of(Sent);
        Assert.Equal(
            ["journal: the administrator has taken it away from the receiver", "1 reads NotReceived", "detach p1 xvdh of 2"],
            has.When(new ExchangeEvent.DetachOrdered(First)));
        Assert.Equal(["delete p1", "journal: xvdh", "2 reads Detached"], has.When(new ExchangeEvent.Detached(First)));
    }

    [Fact]
    public void A_request_of_another_life_is_nobodys()
    {
        var moment = Moment.Of("work : -");
        Assert.Empty(moment.When(new ExchangeEvent.Qpen(new QpenEvent.Taken(Moment.Vm(1) with { Uuid = "another" }, new Request.New(null, false)))));
    }

    [Fact]
    public void A_request_key_that_cannot_be_read_is_written_down() => Assert.Equal(
        ["journal: the request key could not be read, what lies there waits for the next event: EACCES"],
        Moment.Of("work : -").When(new ExchangeEvent.Qpen(new QpenEvent.Refused(Moment.Vm(1), "EACCES"))));

    [Fact]
    public void A_plug_that_fails_after_its_cancel_is_answered_once()
    {
        var moment = Moment.Of("work : n--c--", edge => edge.Hang<ExchangeCommand.Attach>(_ => true));

        Assert.Equal(["detach p1 xvdg of 1"], moment.When(new ExchangeEvent.AttachFailed(First, Broken, Exposed: true)));
        Assert.Contains("1 reads Cancelled", moment.When(new ExchangeEvent.Detached(First)));
    }

    [Theory]
    [InlineData(StatusCode.SlotInUse, "another disk is at xvdg in this VM: detach it, then ask again")]
    [InlineData(StatusCode.NoSpace, "there is no room for a pendrive now, try again later")]
    [InlineData(StatusCode.TimedOut, "the pendrive did not come in time")]
    [InlineData(StatusCode.Failed, "the pendrive could not be made, the journal of dom0 says why")]
    public void Why_there_is_no_pendrive_is_told_in_words_that_one_can_act_on(StatusCode code, string words)
    {
        var moment = Moment.Of("work : n-", edge => edge.Hang<ExchangeCommand.Make>(_ => true));
        var step = ExchangeRules.Decide(moment.State, new ExchangeEvent.MakeFailed(First, new(code, "why")));

        Assert.Equal(words, Assert.Single(step.Commands.OfType<ExchangeCommand.WriteStatus>()).Status.Text);
    }

    private static Moment Returning()
    {
        var plugged = 0;
        return Moment.Of(Sent, edge =>
        {
            edge.Fail<ExchangeCommand.Announce>(_ => true, a => a.Fail(Broken));
            edge.Hang<ExchangeCommand.Attach>(a => a.At.Vdev == Vdev.Xvdg && ++plugged == 2);
        });
    }

    private static ExchangeEvent.Qpen Asks(int vm, Request request) => new(new QpenEvent.Taken(Moment.Vm(vm), request));
}
