using Qfx.Streams.Domains;
using Qfx.Streams.Exchange;

namespace Qfx.Daemon.Dialogs;

/// <summary>What is to be put to the person.</summary>
/// <param name="Ask">The question. Its names hold nothing but letters, digits, <c>_ . -</c>.</param>
/// <param name="Written">Bytes on the pendrive so far, where that is known.</param>
internal sealed record Question(ExchangeCommand.Ask Ask, long? Written);

/// <summary>What the person said.</summary>
/// <param name="Yes">Nothing else is a yes.</param>
/// <param name="Chosen">Whom they chose, where there was a choice.</param>
/// <param name="By">Who and through what, for the journal.</param>
internal sealed record DialogAnswer(bool Yes, VmName? Chosen = null, string By = "person");

/// <summary>Puts questions to the person, one at a time.</summary>
internal interface IDialogs
{
    /// <summary>Asks for a yes or no, and waits however long it takes.</summary>
    /// <param name="question">What to ask. Its names hold nothing but letters, digits, <c>_ . -</c>.</param>
    /// <param name="shown">To be called once the person can see it.</param>
    /// <param name="cancel">The question is called off: it leaves the screen.</param>
    /// <returns>True for yes.</returns>
    /// <exception cref="IOException">It cannot be asked.</exception>
    Task<bool> AskAsync(ExchangeCommand.Ask question, Action shown, CancellationToken cancel);

    /// <summary>The same for every kind of question; one that can only be answered by yes and no puts no other.</summary>
    /// <exception cref="IOException">It cannot be asked.</exception>
    async Task<DialogAnswer> AnswerAsync(Question question, Action shown, CancellationToken cancel)
    {
        if (!question.Ask.Choices.IsEmpty) throw new IOException("this way of asking cannot offer a choice of receivers");
        return new(await AskAsync(question.Ask, shown, cancel).ConfigureAwait(false));
    }
}

/// <summary>Tells the person what they need not answer.</summary>
internal interface INotifier
{
    /// <summary>Shows it.</summary>
    /// <exception cref="IOException">It cannot be shown; nothing else fails for that.</exception>
    Task TellAsync(ExchangeCommand.Notify notice, CancellationToken cancel);
}
