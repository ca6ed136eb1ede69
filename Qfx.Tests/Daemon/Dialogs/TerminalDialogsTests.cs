using System.IO.Pipelines;
using Qfx.Daemon.Dialogs;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Tests.Daemon.Dialogs;

public class TerminalDialogsTests
{
    private static readonly ExchangeCommand.Ask Question = new(new(1), VmName.Parse("work"), VmName.Parse("personal"), ReceiverBusy: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("yes\n", true)]
    [InlineData("YES\n", true)]
    [InlineData("no\n", false)]
    [InlineData("\n", false)]
    [InlineData("y\nyes\n", true)]
    [InlineData("sure\nno\n", false)]
    public async Task Only_the_whole_word_is_a_yes(string typed, bool expected)
    {
        var (terminal, keyboard, screen) = Terminal();
        using var _ = terminal;

        // Typed once the question can be seen: what was typed before is no answer.
        var answer = await terminal.AskAsync(Question, () => keyboard(typed), Cancel);

        Assert.Equal(expected, answer);
        Assert.StartsWith("May the VM work send its files to the VM personal? personal has another pendrive", screen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bank\n", "bank")]
    [InlineData("yes\npersonal\n", "personal")]
    [InlineData("stranger\nno\n", null)]
    public async Task Where_there_is_a_choice_only_one_of_the_names_is_a_yes(string typed, string? expected)
    {
        var (terminal, keyboard, screen) = Terminal();
        using var _ = terminal;
        var question = Question with { To = default, ReceiverBusy = false, Choices = [VmName.Parse("bank"), VmName.Parse("personal")] };

        var answer = await terminal.AnswerAsync(new(question, 3 << 20), () => keyboard(typed), Cancel);

        Assert.Equal((expected is not null, expected), (answer.Yes, answer.Chosen?.ToString()));
        Assert.StartsWith(
            "The VM work wants to send its files. To which VM? 3.0 MiB have been written on the pendrive so far. bank, personal. Type its name, or no:\n",
            screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_is_called_off_leaves_the_screen()
    {
        var (terminal, _, screen) = Terminal();
        using var dialogs = terminal;
        using var off = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => terminal.AskAsync(Question, off.Cancel, off.Token));

        Assert.EndsWith("(the question has ended)\n", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_that_is_closed_cannot_be_asked()
    {
        using var terminal = new TerminalDialogs(new StringReader(""), TextWriter.Null);

        await Assert.ThrowsAsync<IOException>(() => terminal.AskAsync(Question, () => { }, Cancel));
    }

    private static (TerminalDialogs Dialogs, Action<string> Keyboard, StringWriter Screen) Terminal()
    {
        var pipe = new Pipe();
        var writer = new StreamWriter(pipe.Writer.AsStream()) { AutoFlush = true };
        var screen = new StringWriter { NewLine = "\n" };
        return (new TerminalDialogs(new StreamReader(pipe.Reader.AsStream()), screen), writer.Write, screen);
    }
}
