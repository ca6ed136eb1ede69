using System.Threading.Channels;
using Qfx.Daemon.Dialogs.Desktop;
using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>Asks on the terminal. Only the whole word is a yes; what was typed before the question is none.</summary>
internal sealed class TerminalDialogs : IDialogs, IDisposable
{
    private readonly TextWriter output;
    private readonly Channel<string> lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Thread reader;

    /// <param name="input">Read line by line on a thread of its own: a terminal's read cannot be cancelled.</param>
    /// <param name="output">Where the questions go.</param>
    public TerminalDialogs(TextReader input, TextWriter output)
    {
        this.output = output;
        reader = new Thread(() =>
        {
            while (input.ReadLine() is { } line) lines.Writer.TryWrite(line);
            lines.Writer.TryComplete();
        })
        {
            IsBackground = true,
            Name = "terminal",
        };
        reader.Start();
    }

    public async Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel) =>
        (await AnswerAsync(new(question, null), shown, cancel).ConfigureAwait(false)).Yes;

    public async Task<DialogAnswer> AnswerAsync(Question question, Action shown, CancellationToken cancel)
    {
        while (lines.Reader.TryRead(out _))
        {
        }

        var choices = question.Ask.Choices;
        await SayAsync(Words(question), cancel).ConfigureAwait(false);
        shown();
        try
        {
            while (await lines.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
            {
                if (!lines.Reader.TryRead(out var line)) continue;
                var word = line.Trim();
                if (word.ToUpperInvariant() is "NO" or "N" or "") return new(false);
                if (choices.IsEmpty && word.Equals("yes", StringComparison.OrdinalIgnoreCase)) return new(true);
                if (VmName.TryParse(word, out var chosen) && choices.Contains(chosen)) return new(true, chosen);
                await SayAsync(choices.IsEmpty ? "Type yes or no." : "Type one of the names, or no.", cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync("(the question has ended)").ConfigureAwait(false);
            throw;
        }

        throw new IOException("the terminal has been closed");
    }

    public void Dispose() => lines.Writer.TryComplete();

    /// <summary>A line of its own: others may write to this terminal meanwhile.</summary>
    private async Task SayAsync(string words, CancellationToken cancel)
    {
        await output.WriteLineAsync(words.AsMemory(), cancel).ConfigureAwait(false);
        await output.FlushAsync(cancel).ConfigureAwait(false);
    }

    private static string Words(Question question)
    {
        var text = QuestionText.Of(question);
        return string.Join(' ', [text.First, .. text.More, question.Ask.Choices.IsEmpty ? "Type yes or no:" : $"{string.Join(", ", question.Ask.Choices)}. Type its name, or no:"]);
    }
}
