using System.Globalization;
using Qfx.Streams.Policy;

namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>The words of a question. Everything in them is ours, but for names of VMs, labels and numbers.</summary>
/// <param name="Title">The window's.</param>
/// <param name="First">What is asked.</param>
/// <param name="More">What is to be known about it, a sentence each.</param>
internal sealed record QuestionText(string Title, string First, IReadOnlyList<string> More)
{
    /// <summary>What says yes.</summary>
    public const string Yes = "Allow";

    /// <summary>What says no.</summary>
    public const string No = "Refuse";

    /// <summary>In a list of VMs, what says no. No VM can be called so.</summary>
    public const string Nobody = "(nobody)";

    public static QuestionText Of(Question question)
    {
        var ask = question.Ask;
        var from = ask.From;
        var more = new List<string>();
        if (ask.Again) more.Add("You have said yes, but more was written on the pendrive since.");
        if (question.Written is { } bytes) more.Add($"{Size(bytes)} {(bytes == 0 ? "has" : "have")} been written on the pendrive so far.");
        if (ask.ReceiverBusy) more.Add($"{ask.To} has another pendrive: these files would wait until it is done with that.");
        if (ask.Suggested is { } suggested) more.Add($"The policy suggests {suggested}.");
        var first = (ask.Choices.IsEmpty, ask.Service) switch
        {
            (false, _) => $"The VM {from} wants to send its files. To which VM?",
            (_, PolicyService.OpenInDvm) => $"May the VM {from} have its file opened in a new disposable VM?",
            (_, PolicyService.ViewInDvm) => $"May the VM {from} have its file shown in a new disposable VM?",
            _ => $"May the VM {from} send its files to the VM {ask.To}?",
        };
        return new($"dom0: {from} asks", first, more);
    }

    /// <summary>A rounded size.</summary>
    internal static string Size(long bytes) => bytes switch
    {
        0 => "Nothing",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{(bytes + 1023) / 1024} KiB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.00} GiB"),
    };
}
