using Qfx.Daemon.Dialogs;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Dialogs;

public class CommandDialogsTests
{
    private static readonly ExchangeCommand.Ask Question = new(new(7), VmName.Parse("work"), VmName.Parse("personal"), ReceiverBusy: false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 0", true)]
    [InlineData("exit 1", false)]
    [InlineData("[ \"$*\" = '7 work personal' ]", true)]
    [InlineData("read -r line", false)]    // nothing to read there
    public async Task A_program_answers_with_its_exit_code(string body, bool expected)
    {
        using var folder = new TempFolder();
        var shown = 0;

        Assert.Equal(expected, await new CommandDialogs(await Programs.ScriptAsync(folder["ask"], body)).AskAsync(Question, () => shown++, Cancel));

        Assert.Equal(1, shown);
    }

    [Fact]
    public async Task Another_exit_code_is_no_answer()
    {
        using var folder = new TempFolder();

        var dialogs = new CommandDialogs(await Programs.ScriptAsync(folder["ask"], "exit 3"));

        var error = await Assert.ThrowsAsync<IOException>(() => dialogs.AskAsync(Question, () => { }, Cancel));

        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_cannot_be_asked()
    {
        var shown = false;

        await Assert.ThrowsAsync<IOException>(() => new CommandDialogs("/nonexistent/ask").AskAsync(Question, () => shown = true, Cancel));

        Assert.False(shown);
    }

    [Fact]
    public async Task A_question_that_is_called_off_takes_its_program_with_it()
    {
        using var folder = new TempFolder();
        var pipe = folder["pipe"];
        var program = await Programs.ScriptAsync(folder["ask"], $"exec >{pipe}; echo begun; sleep 1000; :");    // a child of its own as well
        await Programs.RunAsync("mkfifo", [pipe]);
        using var off = new CancellationTokenSource();
        var output = Task.Run(() => new StreamReader(pipe), Cancel);    // opens when the program has it open

        var asked = new CommandDialogs(program).AskAsync(Question, () => { }, off.Token);
        using var reader = await output.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal("begun", await reader.ReadLineAsync(Cancel));
        await off.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal("", await reader.ReadToEndAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel));    // nobody can write any more
    }
}
