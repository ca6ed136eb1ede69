using System.Globalization;
using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Streams.Requests;

namespace Qfx.Daemon.Control;

/// <summary>What happens, in words for the administrator. Nothing of a guest's own stands in them but names, which are letters, digits and <c>_ . -</c>.</summary>
internal static class Words
{
    /// <summary>A request, as it is written, in capitals.</summary>
    public static string Of(Request request)
    {
        if (request is Request.Malformed) return "no request";
        if (request is Request.SendDisposable open) return string.Create(CultureInfo.InvariantCulture, $"SEND DISPOSABLE {open.Seq}{(open.ViewOnly ? " VIEW" : "")}");
        var text = new StringBuilder(request.GetType().Name.ToUpperInvariant());
        if (request is Request.Send send) text.Append(' ').Append(send.To);
        return text.ToString();
    }

    /// <summary>A stage's name: <c>at-sender</c>.</summary>
    public static string Of(object stage)
    {
        var text = new StringBuilder();
        foreach (var letter in stage.GetType().Name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>Whom a pendrive is for, or who has it.</summary>
    public static string? ReceiverOf(Pendrive pendrive) => pendrive.Stage switch
    {
        Stage.AtReceiver s => s.To.Name.ToString(),
        Stage.LeavingReceiver s => s.To.Name.ToString(),
        Stage.Committing s => s.To.Name.ToString(),
        Stage.Stuck s => s.To.Name.ToString(),
        Stage.Recalled s => s.To.Name.ToString(),
        _ => pendrive.Approval?.To?.Name.ToString(),
    };
}
