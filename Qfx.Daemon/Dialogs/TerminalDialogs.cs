using System.Threading.Channels;
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

    public async Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel)
    {
        while (lines.Reader.TryRead(out _))
        {
        }

        await output.WriteAsync($"May {question.From} send its files to {question.To}?"
            + (question.ReceiverBusy ? $" {question.To} has another pendrive, these files would wait." : "")
            + " [yes/no] ").ConfigureAwait(false);
        await output.FlushAsync(cancel).ConfigureAwait(false);
        shown();
        try
        {
            while (await lines.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
            {
                if (!lines.Reader.TryRead(out var line)) continue;
                switch (line.Trim().ToUpperInvariant())
                {
                    case "YES":
                        return true;
                    case "NO" or "N" or "":
                        return false;
                    default:
                        await output.WriteAsync("Type yes or no: ").ConfigureAwait(false);
                        await output.FlushAsync(cancel).ConfigureAwait(false);
                        break;
                }
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
}
