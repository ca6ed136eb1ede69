using System.Reactive.Subjects;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Qfx.Daemon.Dialogs;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Streams.Domains;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Dialogs.Desktop;

/// <summary>The real zenity, yad and kdialog on an X server, and a robot that types and clicks. The time of the guard is the test's.</summary>
public sealed class DesktopDialogsTests : IAsyncLifetime
{
    private const string Title = "dom0: work asks";
    private const uint Nobody = 65534;

    private readonly HandClock time = new();
    private readonly Channel<bool> shown = Channel.CreateUnbounded<bool>();
    private readonly CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TempFolder folder = new();
    private VirtualScreen? screen;
    private FakeSeats? seats;
    private (string User, uint Uid) person = ("tester", Identity.Own);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        over.Dispose();
        if (screen is not null) await screen.DisposeAsync();
        seats?.Dispose();
        folder.Dispose();
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public async Task Who_types_Return_Space_and_y_at_once_approves_nothing_and_is_asked_again(string tool)
    {
        var answer = await AskAsync(tool);
        foreach (var keys in new[] { "Return", "space", "y" })
        {
            await ShownAsync();
            await screen!.FocusAsync(Title);
            await screen.TypeAsync(keys, "Return", "space", "y", "Return");
        }

        await ShownAsync();    // it is there once more
        Assert.False(answer.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Theory, InlineData("zenity", -50, -25), InlineData("yad", -58, -30), InlineData("kdialog", -138, -24)]
    public async Task A_click_on_Allow_within_the_first_second_does_not_count_one_after_it_does(string tool, int x, int y)
    {
        var answer = await AskAsync(tool);
        await ShownAsync();
        await screen!.PictureAsync($"question-{tool}");
        await screen.ClickAsync(await screen.WindowAsync(Title), x, y);
        await WaitAsync(shown.Reader.WaitToReadAsync(over.Token).AsTask());
        Assert.False(answer.IsCompleted);

        Assert.Equal(new(true, null, $"tester ({tool})"), await AnswerByAsync(answer, async () => await screen.ClickAsync(await screen.WindowAsync(Title), x, y)));
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public async Task Return_after_the_first_second_is_a_no(string tool)
    {
        var answer = await AskAsync(tool);

        Assert.False((await AnswerByAsync(answer, () => screen!.TypeAsync("Return"))).Yes);
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public async Task Escape_is_a_no(string tool)
    {
        var answer = await AskAsync(tool);

        Assert.False((await AnswerByAsync(answer, () => screen!.TypeAsync("Escape"))).Yes);
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public async Task Of_a_list_Return_chooses_nobody(string tool)
    {
        var answer = await AskAsync(tool, "personal", "third");

        Assert.False((await AnswerByAsync(answer, async () =>
        {
            if (tool == "zenity") await screen!.ClickAsync(await screen.WindowAsync(Title), -50, -25);    // there Return does nothing in a list
            else await screen!.TypeAsync("Return");
        })).Yes);
    }

    [Theory, InlineData("zenity", -50, -25), InlineData("yad", -58, -30), InlineData("kdialog", 0, 0)]
    public async Task Of_a_list_one_VM_is_chosen(string tool, int x, int y)
    {
        var answer = await AskAsync(tool, "personal", "third");
        var said = await AnswerByAsync(answer, async () =>
        {
            if (tool == "kdialog")
            {
                await screen!.TypeAsync("Down", "Return");
                return;
            }

            var window = await screen!.WindowAsync(Title);
            await screen.ClickAsync(window, 25, 70);
            await screen.ClickAsync(window, x, y);
        });

        Assert.Equal((true, "personal"), (said.Yes, said.Chosen.ToString()));
    }

    [Fact]
    public async Task Nobody_at_the_screen_it_waits_and_is_shown_when_somebody_comes_and_again_to_who_comes_next()
    {
        var answer = await AskAsync("yad", there: false);
        seats!.Is(1);
        await ShownAsync();
        var first = await screen!.WindowAsync(Title);
        seats.Is(null);
        seats.Is(2);

        Assert.NotEqual(0, first);
        Assert.True((await AnswerByAsync(answer, async () => await screen.ClickAsync(await screen.WindowAsync(Title), -58, -30))).Yes);
    }

    [Fact]
    public async Task A_program_that_cannot_open_the_screen_is_tried_three_times_and_says_nothing()
    {
        screen = await VirtualScreen.StartAsync("zenity");
        seats = new(":65000", folder.Path, person);
        seats.Is(1);
        var dialogs = new DesktopDialogs(seats, DialogTool.Find("zenity"), time, NullLogger.Instance);

        // zenity ends with 1 then, which otherwise is a no.
        var failure = await Assert.ThrowsAsync<IOException>(() => dialogs.AnswerAsync(Question([]), () => { }, over.Token));
        Assert.Equal("zenity ended 3 times without an answer", failure.Message);
    }

    [Theory, InlineData("zenity"), InlineData("yad"), InlineData("kdialog")]
    public async Task The_program_has_the_rights_of_the_person_and_none_of_dom0s(string tool)
    {
        Assert.SkipUnless(Identity.Own == 0, "Only root may run a program as somebody else.");
        person = ("nobody", Nobody);
        var answer = await AskAsync(tool);
        var said = await AnswerByAsync(answer, async () =>
        {
            var process = await screen!.ProcessOfAsync(await screen.WindowAsync(Title));
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status", over.Token);
            Assert.Equal($"Uid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}", status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)));
            Assert.DoesNotContain("0", status.Single(line => line.StartsWith("Groups:", StringComparison.Ordinal)).Split('\t', ' '));
            await screen.TypeAsync("Escape");
        });

        Assert.Equal((false, $"nobody ({tool})"), (said.Yes, said.By));
    }

    private async Task<Task<DialogAnswer>> AskAsync(string tool, params string[] choices) => await AskAsync(tool, there: true, choices);

    private async Task<Task<DialogAnswer>> AskAsync(string tool, bool there, params string[] choices)
    {
        screen = await VirtualScreen.StartAsync(tool);
        seats = new(screen.Display, folder.Path, person);
        if (there) seats.Is(1);
        var dialogs = new DesktopDialogs(seats, DialogTool.Find(tool), time, NullLogger.Instance);
        return dialogs.AnswerAsync(Question(choices), () => shown.Writer.TryWrite(true), over.Token);
    }

    private static Question Question(string[] choices) => new(
        new(new(1), VmName.Parse("work"), choices.Length > 0 ? default : VmName.Parse("personal"), false)
        {
            Choices = [.. choices.Select(VmName.Parse)],
            Label = choices.Length > 0 ? null : "red",
        },
        choices.Length > 0 ? null : 13_000_000);

    /// <summary>Acts after the first second. If the focus came later than that on this machine, the question comes again, and so does the act.</summary>
    private async Task<DialogAnswer> AnswerByAsync(Task<DialogAnswer> answer, Func<Task> act)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await ShownAsync();
            await screen!.FocusAsync(Title);
            await screen.WindowAsync(Title);
            time.Advance(DesktopDialogs.Guard * 2);
            await act();
            await WaitAsync(Task.WhenAny(answer, shown.Reader.WaitToReadAsync(over.Token).AsTask()));
            if (answer.IsCompleted) return await answer;
        }

        throw new InvalidOperationException("It was asked five times.");
    }

    private Task ShownAsync() => WaitAsync(shown.Reader.ReadAsync(over.Token).AsTask());

    private Task WaitAsync(Task task) => task.WaitAsync(TimeSpan.FromMinutes(2), over.Token);

    /// <summary>Somebody logs in and out.</summary>
    private sealed class FakeSeats(string display, string home, (string User, uint Uid) person) : ISeats, IDisposable
    {
        private readonly BehaviorSubject<Seat?> active = new(null);

        public IObservable<Seat?> Active => active;

        public void Is(int? session) => active.OnNext(session is null ? null : new($"{session}", person.User, person.Uid, new Dictionary<string, string>
        {
            ["DISPLAY"] = display,
            ["HOME"] = home,
            ["PATH"] = "/usr/bin:/bin",
            ["NO_AT_BRIDGE"] = "1",
        }));

        public void Dispose() => active.Dispose();
    }

    /// <summary>A clock that stands unless it is told.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref now);

        public void Advance(TimeSpan by) => Interlocked.Add(ref now, by.Ticks);
    }
}
