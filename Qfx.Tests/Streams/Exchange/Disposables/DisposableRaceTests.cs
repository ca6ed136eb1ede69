using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Streams.Requests;
using Qfx.Tests.Marbles;
using Qfx.Xen.Block;

namespace Qfx.Tests.Streams.Exchange.Disposables;

/// <summary>What comes too late, at the same time, or from a disposable VM that it does not become.</summary>
public class DisposableRaceTests
{
    // Work is domain 1, its file p1, the disposable VM d2 and domain 2.
    private const string Opened = "work : n----d---------------------";
    private const string Replied = """
        work  : n----d----------------------------
        disp1 : ---------------q--n---r-----------
        """;

    private static readonly PendriveId File = new(1);
    private static readonly PendriveId Reply = new(3);
    private static readonly DvmId Dvm = new(2);
    private static readonly Failure Broken = new(StatusCode.Failed, "it broke");
    private static readonly ExchangeEvent WorkDies = new ExchangeEvent.DomainGone(Moment.Vm(1));
    private static readonly ExchangeEvent DispDies = new ExchangeEvent.DomainGone(Moment.Vm(2));
    private static readonly Request.Send TheReply = new(VmName.Parse("work"), 7);

    public static TheoryData<DvmStep> Steps => [.. Enum.GetValues<DvmStep>()];

    [Theory, MemberData(nameof(Steps))]
    public void A_step_that_fails_when_it_is_long_over_is_nothing(DvmStep step) =>
        Assert.Empty(Moment.Of(Opened).When(new ExchangeEvent.DvmStepFailed(Dvm, step, Broken)));

    [Fact]
    public void What_is_no_request_is_told_what_is_wrong_with_it() => Assert.Equal(
        ["journal: no such word: \"x\"", "2 reads UnknownRequest"],
        Moment.Of(Opened).When(Asks(2, new Request.Malformed(StatusCode.UnknownRequest, "no such word", "\"x\""))));

    [Fact]
    public void Before_its_file_is_there_it_may_only_end()
    {
        var moment = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.Announce>(_ => true));

        Request[] requests = [new Request.New(null, false), TheReply, new Request.Umount(null), new Request.Cancel(), new Request.SendAsk()];
        foreach (var request in requests) Assert.Equal(2, moment.When(Asks(2, request)).Count(line => line == "2 reads Denied" || line.Contains("may not", StringComparison.Ordinal)));
        Assert.Equal(["journal: d2 asks for its end", "2 reads Cancelled", "DestroyDvm d2"], moment.When(Asks(2, new Request.KillMe())));
    }

    [Fact]
    public void While_its_file_is_attached_its_umount_counts_unless_it_is_to_end()
    {
        var moment = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.Attach>(a => a.At.Vdev == Vdev.Xvdh));
        Assert.Empty(moment.When(Asks(2, new Request.Umount(null))));

        moment.When(Asks(2, new Request.KillMe()));

        Assert.Contains("2 reads Denied", moment.When(Asks(2, new Request.Umount(null))));
    }

    [Fact]
    public void It_may_cancel_the_pendrive_that_it_has_asked_for()
    {
        var moment = Moment.Of("""
            work  : n----d-----------------------
            disp1 : ---------------q--n----------
            """);
        Assert.Contains("detach p3 xvdg of 2", moment.When(Asks(2, new Request.Cancel())));
    }

    [Fact]
    public void It_is_ended_once_however_often_it_asks()
    {
        var moment = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.DestroyDvm>(_ => true));
        Assert.Contains("DestroyDvm d2", moment.When(Asks(2, new Request.KillMe())));
        Assert.DoesNotContain("DestroyDvm d2", moment.When(Asks(2, new Request.KillMe())));
    }

    [Fact]
    public void It_is_not_ended_while_it_holds_its_reply()
    {
        var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Detach>(d => d.Id == Reply));
        Assert.DoesNotContain("DestroyDvm d2", moment.When(Asks(2, new Request.KillMe())));
        Assert.Contains("DestroyDvm d2", moment.When(new ExchangeEvent.Detached(Reply)));
    }

    [Fact]
    public void A_stranger_is_told_before_it_ends() => Assert.Equal(
        ["journal: a disposable VM of which there is no record asked for its end", "2 reads Cancelled", "DestroyStranger"],
        Moment.Of("work : -\ndisp7 : B-").When(Asks(2, new Request.KillMe())));

    [Theory]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm deny notify=no", false)]
    [InlineData("qfx.OpenInDvm * @anyvm @dispvm deny", true)]
    public void What_the_policy_forbids_is_not_opened_and_the_person_hears_of_it_unless_the_policy_says_no(string line, bool notified)
    {
        var told = Moment.Of("work : n---", settings: new() { Policy = Story.PolicyOf(line + "\n* * @anyvm @anyvm allow") })
            .When(Asks(1, new Request.SendDisposable(7, false)));

        Assert.Contains("1 reads Denied", told);
        Assert.Contains(told, word => word.StartsWith("decision by policy", StringComparison.Ordinal));
        Assert.DoesNotContain(told, word => word.Contains("the person has refused", StringComparison.Ordinal));
        Assert.Equal(notified, told.Contains("notice RefusedByPolicy"));
    }

    [Fact]
    public void Who_was_refused_too_often_is_not_asked_about_again()
    {
        var moment = Moment.Of("work : n----d--\nperson : ------n", settings: new()
        {
            RefusalsToQuiet = 1,
            Policy = Story.PolicyOf("qfx.OpenInDvm * @anyvm @dispvm ask"),
        });

        var told = moment.When(Asks(1, new Request.SendDisposable(7, false)));

        Assert.Contains("decision by quiet: the person has refused this VM several times within a minute", told);
        Assert.Contains("1 reads Denied", told);
        Assert.DoesNotContain("notice RefusedByPolicy", told);
    }

    [Theory]
    [InlineData("deny")]
    [InlineData("ask")]
    public void A_reply_that_the_policy_does_not_allow_is_denied_and_nobody_is_asked(string verdict)
    {
        var moment = Moment.Of("""
            work  : n----d---------------------
            disp1 : ---------------q--n--------
            """, settings: new() { Policy = Story.PolicyOf($"qfx.Reply * @anyvm @anyvm {verdict}\n* * @anyvm @anyvm allow\n* * @anyvm @dispvm allow") });
        var step = ExchangeRules.Decide(moment.State, Asks(2, TheReply));

        Assert.Equal((false, StatusCode.Denied), step.Commands.OfType<ExchangeCommand.Audit>().Select(a => (a.What.Allowed, a.What.Code)).Single());
        Assert.Contains("2 reads Denied", moment.When(Asks(2, TheReply)));
        Assert.Empty(moment.State.Questions);
    }

    [Fact]
    public void A_reply_needs_a_pendrive_that_is_not_being_moved()
    {
        Assert.Equal("2 reads NoPendrive", Moment.Of(Opened).When(Asks(2, TheReply))[^1]);

        var moving = Moment.Of("""
            work  : n----d-----------------------
            disp1 : ---------------q--n----------
            """, edge => edge.Hang<ExchangeCommand.Make>(m => m.Id == Reply));
        Assert.Equal("2 reads Busy", moving.When(Asks(2, TheReply))[^1]);
    }

    [Fact]
    public void There_is_one_reply_and_it_is_written_down_before_it_is_recorded()
    {
        var moment = Moment.Of("""
            work  : n----d-----------------------
            disp1 : ---------------q--n----------
            """);

        Assert.Equal(["journal: d2 replies", "RecordDvm d2"], moment.When(Asks(2, TheReply)).Where(word => !word.StartsWith("decision", StringComparison.Ordinal)));
        Assert.Equal(["journal: d2: a second reply", "2 reads Denied"], moment.When(Asks(2, TheReply)));
    }

    [Fact]
    public void A_reply_that_its_dead_disposable_VM_does_not_let_go_of_is_lost_and_that_is_said()
    {
        var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Detach>(d => d.Id == Reply));
        moment.When(DispDies);

        Assert.Equal(
            ["detach p3 xvdg of 2 of the dead", "journal: the reply of a dead disposable VM could not be detached and is lost: it broke", "notice ReplyLost"],
            moment.When(new ExchangeEvent.DetachFailed(Reply, Broken)));
    }

    [Fact]
    public void One_that_does_not_let_go_of_it_is_destroyed_and_that_is_written_down()
    {
        var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Detach>(d => d.Id == Reply));

        Assert.Equal(
            ["journal: the disposable VM does not let go of its reply, it is destroyed: it broke", "DestroyDvm d2"],
            moment.When(new ExchangeEvent.DetachFailed(Reply, Broken)));
    }

    [Theory]
    [InlineData(true, "detach p3 xvdh of 1")]
    [InlineData(false, "start Waiting")]
    public void A_reply_that_cannot_be_attached_is_tried_again_after_it_is_detached_if_it_was_seen(bool exposed, string next)
    {
        var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Attach>(a => a.Id == Reply && a.At.Vdev == Vdev.Xvdh));

        Assert.Equal(["journal: the reply could not be attached and will be tried again: it broke", next], moment.When(new ExchangeEvent.AttachFailed(Reply, Broken, exposed)));
    }

    [Fact]
    public void A_reply_that_cannot_be_attached_to_a_requester_that_has_died_goes()
    {
        var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Attach>(a => a.Id == Reply && a.At.Vdev == Vdev.Xvdh));
        moment.When(WorkDies);

        Assert.Contains("delete p3", moment.When(new ExchangeEvent.AttachFailed(Reply, Broken, Exposed: false)));
    }

    [Fact]
    public void A_reply_that_is_detached_again_from_its_requester_fills_its_slot_till_then_and_goes_with_it()
    {
        Assert.Contains("delete p3", Recalled().When(WorkDies, new ExchangeEvent.Detached(Reply)));
        Assert.Contains("start Waiting", Recalled().When(new ExchangeEvent.Detached(Reply)));
        Assert.Equal(["journal: xvdh could not be detached: it broke", "start Waiting"], Recalled().When(new ExchangeEvent.DetachFailed(Reply, Broken)));
        Assert.Contains("detach p3 xvdh of 1 of the dead", Recalled().When(WorkDies, new ExchangeEvent.DetachFailed(Reply, Broken)));

        static Moment Recalled()
        {
            var moment = Moment.Of(Replied, edge => edge.Hang<ExchangeCommand.Attach>(a => a.Id == Reply && a.At.Vdev == Vdev.Xvdh));
            moment.When(new ExchangeEvent.AttachFailed(Reply, Broken, Exposed: true));
            Assert.Equal(Reply, moment.State.In(new(Moment.Vm(1), Vdev.Xvdh))?.Id);
            return moment;
        }
    }

    [Fact]
    public void When_its_requester_dies_while_its_file_is_on_the_way_it_ends_at_once_and_nobody_is_told()
    {
        var moment = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.Attach>(a => a.At.Vdev == Vdev.Xvdh));

        Assert.Equal(["DestroyDvm d2"], moment.When(WorkDies));
    }

    [Fact]
    public void With_keep_it_is_kept_when_it_has_done_its_work_and_only_then()
    {
        var settings = new ExchangeSettings { Disposables = new() { Keep = true }, Policy = Scenario.AskAlways };
        Assert.Equal(
            ["journal: d2 asks for its end", "2 reads Cancelled", "journal: d2 (disp1) has done its work and is kept: keep_dvms is set"],
            Moment.Of(Opened, settings: settings).When(Asks(2, new Request.KillMe())));

        var loading = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.Announce>(_ => true), settings);
        Assert.Contains("DestroyDvm d2", loading.When(Asks(2, new Request.KillMe())));
    }

    [Fact]
    public void What_could_not_be_ended_is_tried_again_and_what_is_still_there_after_its_end_too()
    {
        var moment = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.DestroyDvm>(_ => true));
        moment.When(Asks(2, new Request.KillMe()));

        Assert.Equal(["journal: d2 (disp1): Destroy failed and will be tried again: it broke", "start Dvm"], moment.When(new ExchangeEvent.DvmStepFailed(Dvm, DvmStep.Destroy, Broken)));
        Assert.Equal(["DestroyDvm d2"], moment.When(new ExchangeEvent.TimeUp(new TimerId.Dvm(Dvm))));
        Assert.Equal(["start Dvm"], moment.When(new ExchangeEvent.Destroyed(Dvm)));
        Assert.Contains("RemoveEntry d2", moment.When(DispDies));
    }

    [Fact]
    public void One_that_never_appeared_is_cleared_away_once_also_when_it_comes_and_goes_after_that()
    {
        var moment = Moment.Of(Opened, edge =>
        {
            edge.Disposables!.Unseen = true;
            edge.Hang<ExchangeCommand.RemoveEntry>(_ => true);
        });
        moment.When(new ExchangeEvent.TimeUp(new TimerId.Dvm(Dvm)), new ExchangeEvent.Destroyed(Dvm));
        var late = new DomainIdentity(new(901), "unseen");

        Assert.DoesNotContain("RemoveEntry d2", moment.When(new ExchangeEvent.DomainAppeared(late), new ExchangeEvent.DomainGone(late)));
    }

    [Fact]
    public void One_that_appears_when_nobody_wants_it_any_more_ends()
    {
        var moment = Moment.Of(Opened, edge => edge.Disposables!.Unseen = true);
        moment.When(Asks(1, new Request.Cancel()));

        Assert.Equal(["stop Dvm", "DestroyDvm d2"], moment.When(new ExchangeEvent.DomainAppeared(new(new(901), "unseen"))));
    }

    [Fact]
    public void What_nobody_wants_any_more_goes_no_step_further()
    {
        var looking = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.LookAtSavefile>(_ => true));
        looking.When(Asks(1, new Request.Cancel()));
        Assert.Empty(looking.When(new ExchangeEvent.SavefileLooked(Dvm, new(true, "1", 1))));

        var recording = Moment.Of(Opened, edge => edge.Hang<ExchangeCommand.RecordDvm>(_ => true));
        recording.When(Asks(1, new Request.Cancel()));
        Assert.Equal(["DestroyDvm d2"], recording.When(new ExchangeEvent.Recorded(Dvm)));
    }

    [Fact]
    public void One_that_is_made_ahead_is_not_made_from_a_stale_savefile_and_without_memory_nobody_is_told()
    {
        var one = new ExchangeSettings { Disposables = new() { Ready = 1 }, Policy = Scenario.AskAlways };
        var looking = Moment.Of("daemon : s---", edge => edge.Hang<ExchangeCommand.LookAtSavefile>(_ => true), one);
        Assert.Empty(looking.When(new ExchangeEvent.SavefileLooked(looking.State.Dvms.Values.Single().Id, new(false, "1", 1))));

        var asking = Moment.Of("daemon : s---", edge => edge.Hang<ExchangeCommand.AskMemory>(_ => true), one);
        Assert.Equal(["ReleaseMemory d1"], asking.When(new ExchangeEvent.MemoryRefused(asking.State.Dvms.Values.Single().Id, "there is none")));

        var two = Moment.Of("daemon : s------", edge => edge.Hang<ExchangeCommand.AskMemory>(e => e.Id.Value > 1), one with { Disposables = new() { Ready = 2 } });
        Assert.Equal(["ReleaseMemory d2"], two.When(new ExchangeEvent.MemoryRefused(new(2), "there is none")));    // the one that is ready stays
    }

    [Fact]
    public void When_memory_is_short_for_one_that_is_asked_for_those_that_are_ready_give_theirs_back()
    {
        var one = new ExchangeSettings { Disposables = new() { Ready = 1 }, Policy = Scenario.AskAlways };
        var moment = Moment.Of("daemon : s------\nwork : --------n----d----", edge =>
        {
            edge.Fail<ExchangeCommand.LookAtSavefile>(e => e.For is not null, e => new ExchangeEvent.SavefileLooked(e.Id, new(true, "1", 4)));
            edge.Hang<ExchangeCommand.AskMemory>(e => e.Id.Value > 1);
        }, one);
        var ready = moment.State.Dvms.Values.Single(d => d.For is null);
        var asked = moment.State.Dvms.Values.Single(d => d.For is not null);

        var told = moment.When(new ExchangeEvent.MemoryRefused(asked.Id, "there is none"));

        Assert.Contains($"DestroyDvm {ready.Id}", told);
        Assert.Contains("notice NotEnoughMemory", told);
    }

    [Fact]
    public void A_restore_that_reports_another_disposable_VM_is_a_failure_and_that_one_lives_on()
    {
        var moment = Moment.Of("work : n----d-------------------------n----e--------", edge => edge.Hang<ExchangeCommand.Restore>(r => r.Id != Dvm), says: ('e', "send disposable 8"));
        var second = moment.State.Dvms.Values.Single(d => d.Id != Dvm);

        var told = moment.When(new ExchangeEvent.Restored(second.Id, Moment.Party(2, "disp1"), VmName.Parse("dvm"), false));

        Assert.Contains("1 reads Failed", told);
        Assert.DoesNotContain(told, word => word.StartsWith("DestroyDvm", StringComparison.Ordinal));
        Assert.IsType<DvmStage.Running>(moment.State.Find(Dvm)!.Stage);
    }

    private static ExchangeEvent.Qpen Asks(int vm, Request request) => new(new QpenEvent.Taken(Moment.Vm(vm), request));
}
