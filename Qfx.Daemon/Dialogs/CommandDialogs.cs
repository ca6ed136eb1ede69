using System.Globalization;
using Qfx.Daemon.Processes;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>Asks a program: for a host with a dialog of its own, and for tests. It is killed when the question is called off.</summary>
/// <param name="program">Started with three arguments: the question's number, the sender and the receiver. Exit code 0 is yes, 1 no.</param>
internal sealed class CommandDialogs(string program) : IDialogs
{
    /// <exception cref="IOException">It cannot be started, or ends with another exit code.</exception>
    public async Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel)
    {
        string[] arguments = [question.Question.Value.ToString(CultureInfo.InvariantCulture), question.From.ToString(), question.To.ToString()];
        var result = await ProcessRunner.RunAsync(new(program, arguments) { Environment = ProcessRunner.CleanEnvironment }, _ => shown(), cancel).ConfigureAwait(false);
        return result.Exit switch
        {
            0 => true,
            1 => false,
            var code => throw new IOException($"{program} ended with exit code {code}: 0 is yes, 1 is no"),
        };
    }
}
