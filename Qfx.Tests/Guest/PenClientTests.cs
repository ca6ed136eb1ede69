using System.Reactive.Linq;
using Microsoft.Reactive.Testing;
using Qfx.Guest;
using Qfx.Guest.Exchange;
using Qfx.Streams.Marbles;
using Qfx.Tests.Support;
using Qfx.Xen.Domains;
using Qfx.Xen.Embedded;
using Qfx.Xen.Store;

namespace Qfx.Tests.Guest;

/// <summary>A guest's question and dom0's answers, on a store in the test's own thread and in virtual time.</summary>
public sealed class PenClientTests : IAsyncDisposable
{
    private static readonly Domid Me = new(5);
    private static readonly XsPath Status = XsPath.Home(Me) / "qubes_pen_status";
    private static readonly XsPath Qpen = XsPath.Home(Me) / "device/qpen";

    private readonly TestScheduler scheduler = new();
    private readonly StoreCore core = CoreStore.NewCore();
    private readonly CoreStore dom0;
    private readonly CoreStore guest;
    private readonly List<string> said = [];
    private readonly PenClient pen;

    public PenClientTests()
    {
        dom0 = new(core, Domid.Zero);
        dom0.WriteTextAsync(XsPath.Home(Me) / "name", "work");
        dom0.SetPermissionsAsync(XsPath.Home(Me), XsPermissions.GuestReads(Me));
        core.Introduce(Me);
        guest = new(core, Me, dom0.Deliver);
        pen = new(guest, new SchedulerTime(scheduler), said.Add);
        dom0.WriteTextAsync(Qpen, "");
        dom0.SetPermissionsAsync(Qpen, XsPermissions.GuestWrites(Me));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await guest.DisposeAsync();
        await dom0.DisposeAsync();
    }

    [Fact]
    public async Task The_answer_is_the_first_status_with_another_number()
    {
        Answer("0 ready qfx/1");
        OnRequest("new", "1 attached xvdg");

        Assert.Equal(new PenStatus(1, "attached", "xvdg") { Request = "new" }, await pen.AskAsync("new", Cancel));
    }

    [Fact]
    public async Task Nothing_is_asked_where_the_answer_could_not_be_seen()
    {
        Answer("0 ready qfx/1");
        var held = Enumerable.Range(0, 200).Select(i => guest.Watch(new($"data/{i}")).Subscribe(_ => { }, _ => { })).ToArray();    // as many as it may have

        var error = await Assert.ThrowsAsync<GuestException>(() => pen.AskAsync("new", Cancel));

        Assert.Equal(ExitCode.NoAnswer, error.Exit);
        Assert.Equal("", await guest.ReadTextAsync(Qpen, Cancel));
        foreach (var one in held) one.Dispose();
    }

    [Fact]
    public async Task While_a_person_thinks_it_waits_and_says_so()
    {
        Answer("1 attached xvdg");
        OnRequest("send personal", "2 asking the person");
        var answer = pen.AskAsync("send personal", Cancel);
        scheduler.AdvanceBy(TimeSpan.FromMinutes(4).Ticks);
        Assert.False(answer.IsCompleted);
        Answer("2 waiting personal is busy");
        Answer("2 sent to personal");

        Assert.Equal("sent", (await answer)!.Code);
        Assert.Equal("asking: the person", said[0]);
    }

    [Theory]
    [InlineData("umount ok", "detached xvdh", "detached", true)]
    [InlineData("umount ok", "no-pendrive there is no pendrive at xvdh", "detached", true)]
    [InlineData("cancel", "no-pendrive there is nothing to cancel", "cancelled", true)]
    [InlineData("cancel", "busy it is being moved", "busy", false)]
    public async Task What_was_lost_with_a_daemon_is_asked_again_where_that_does_no_harm(string request, string second, string code, bool good)
    {
        Answer("1 ready qfx/1");
        OnRequest(request, "2 restarted the daemon was started anew, ask again", $"3 {second}");

        var answer = (await pen.AskAsync(request, Cancel))!;
        Assert.Equal((code, good), (answer.Code, answer.IsGood));
        Assert.Equal("restarted: the daemon was started anew, ask again", Assert.Single(said));
    }

    [Fact]
    public async Task It_is_not_asked_for_ever_and_what_would_be_done_twice_is_not_asked_again()
    {
        Answer("1 ready qfx/1");
        OnRequest("umount", "2 restarted ask again", "3 restarted ask again", "4 restarted ask again");
        Assert.Equal(new PenStatus(4, "restarted", "ask again") { Request = "umount" }, await pen.AskAsync("umount", Cancel));

        OnRequest("new", "5 restarted ask again");
        Assert.Equal("restarted", (await pen.AskAsync("new", Cancel))!.Code);
    }

    [Theory]
    [InlineData("new", "attached", true)]
    [InlineData("new raw 64", "attached", true)]
    [InlineData("new", "cancelled", false)]
    [InlineData("send personal", "sent", true)]
    [InlineData("send personal", "received", true)]
    [InlineData("send personal", "cancelled", false)]
    [InlineData("send personal", "not-received", false)]
    [InlineData("send disposable 7", "cancelled", false)]
    [InlineData("umount ok", "detached", true)]
    [InlineData("cancel", "cancelled", true)]
    [InlineData("killme", "cancelled", true)]
    [InlineData("cancel", "busy", false)]
    public async Task What_is_a_good_answer_depends_on_what_was_asked(string request, string code, bool good)
    {
        Answer("1 ready qfx/1");
        OnRequest(request, $"2 {code} in words");

        Assert.Equal(good, (await pen.AskAsync(request, Cancel))!.IsGood);
    }

    [Fact]
    public async Task A_number_may_jump_or_start_again()
    {
        Answer("7 received by personal");
        OnRequest("new", "1 attached xvdg");
        Assert.Equal(1, (await pen.AskAsync("new", Cancel))!.N);

        OnRequest("cancel", "12 cancelled done");
        Assert.Equal(12, (await pen.AskAsync("cancel", Cancel))!.N);
    }

    [Fact]
    public async Task No_new_status_within_ten_seconds_means_that_the_daemon_does_not_answer()
    {
        Answer("0 ready qfx/1");
        var answer = pen.AskAsync("new", Cancel);
        scheduler.AdvanceBy(TimeSpan.FromSeconds(9.9).Ticks);
        Assert.False(answer.IsCompleted);
        Answer("0 ready still the old one");
        scheduler.AdvanceBy(TimeSpan.FromSeconds(0.1).Ticks);

        var e = await Assert.ThrowsAsync<GuestException>(() => answer);
        Assert.Equal(ExitCode.NoAnswer, e.Exit);
        Assert.Contains("does not answer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_was_taken_may_take_longer_than_that()
    {
        Answer("0 ready qfx/1");
        var answer = pen.AskAsync("new", Cancel);
        await dom0.WriteTextAsync(Qpen, "", Cancel);
        scheduler.AdvanceBy(TimeSpan.FromSeconds(60).Ticks);
        Assert.False(answer.IsCompleted);
        Answer("1 attached xvdg");

        Assert.Equal("attached", (await answer)!.Code);
    }

    [Fact]
    public async Task And_taken_without_a_word_that_ends_too()
    {
        Answer("0 ready qfx/1");
        var answer = pen.AskAsync("new", Cancel);
        await dom0.WriteTextAsync(Qpen, "", Cancel);
        scheduler.AdvanceBy(TimeSpan.FromSeconds(90).Ticks);

        var e = await Assert.ThrowsAsync<GuestException>(() => answer);
        Assert.Contains("has taken the request", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_status_key_it_behaves_as_in_2010_and_says_so()
    {
        Assert.Null(await pen.AskAsync("new", Cancel));
        Assert.Equal("new", await dom0.ReadTextAsync(Qpen, Cancel));
        Assert.Contains("as in 2010", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_request_key_is_not_its_own_there_is_nobody_to_ask()
    {
        await dom0.RemoveAsync(Qpen, Cancel);
        var e = await Assert.ThrowsAsync<GuestException>(() => pen.AskAsync("new", Cancel));
        Assert.Equal(ExitCode.NoAnswer, e.Exit);
    }

    [Fact]
    public async Task Another_request_in_between_is_not_taken_for_an_answer()
    {
        Answer("1 attached xvdg");
        OnRequest("send personal", "2 asking the person");
        var answer = pen.AskAsync("send personal", Cancel);
        Answer("3 detached xvdh");

        await Assert.ThrowsAsync<GuestException>(() => answer);
    }

    [Fact]
    public async Task Control_C_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        Answer("0 ready qfx/1");
        var answer = pen.AskAsync("new", stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    private void OnRequest(string request, params string[] statuses) => dom0.Watch(Qpen)
        .Where(_ => dom0.ReadTextAsync(Qpen).Result == request)
        .Zip(statuses)
        .Subscribe(asked => Answer(asked.Second));

    private void Answer(string status)
    {
        dom0.WriteTextAsync(Status, status);
        dom0.SetPermissionsAsync(Status, XsPermissions.GuestReads(Me));
        guest.Deliver();
    }
}
