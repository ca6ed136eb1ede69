using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>Puts questions to the person, one at a time.</summary>
internal interface IDialogs
{
    /// <summary>Asks, and waits however long it takes.</summary>
    /// <param name="question">What to ask. Its names hold nothing but letters, digits, <c>_ . -</c>.</param>
    /// <param name="shown">To be called once the person can see it.</param>
    /// <param name="cancel">The question is called off: it leaves the screen.</param>
    /// <returns>True for yes.</returns>
    /// <exception cref="IOException">It cannot be asked.</exception>
    Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel);
}
