using System.Globalization;
using System.Text;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Requests;

/// <summary>Reads what a guest wrote into its qpen key. Every byte of it is hostile.</summary>
public static class RequestParser
{
    /// <summary>Bytes a request may have; the longest one with a meaning has 47.</summary>
    public const int MaxLength = 128;

    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>The request in <paramref name="value"/>; <see cref="Request.Malformed"/> for whatever is none. Never throws.</summary>
    /// <param name="value">As read from xenstore, not empty: an empty key is no request.</param>
    public static Request Parse(ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxLength) return Bad(StatusCode.TooLong, $"a request has at most {MaxLength} bytes", value);
        if (value.Contains((byte)0)) return Bad(StatusCode.NotText, "a request is text, there is a NUL byte in this one", value);
        if (!Ascii.IsValid(value)) return Bad(StatusCode.NotAscii, "a request is ASCII", value);
        var words = Encoding.ASCII.GetString(value).Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [] => Bad(StatusCode.BadRequest, "the request is blank", value),
            ["new", .. var rest] => New(rest, value),
            ["send", .. var rest] => Send(rest, value),
            ["umount"] => new Request.Umount(null),
            ["umount", "ok"] => new Request.Umount(true),
            ["umount", "failed"] => new Request.Umount(false),
            ["umount", _] => Bad(StatusCode.UnknownRequest, "after umount comes ok, failed or nothing", value),
            ["killme"] => new Request.KillMe(),
            ["cancel"] => new Request.Cancel(),
            ["umount" or "killme" or "cancel", ..] => Surplus(value),
            _ => Bad(StatusCode.UnknownRequest, "the requests are new, send, umount, cancel and killme", value),
        };
    }

    private static Request New(string[] words, ReadOnlySpan<byte> value)
    {
        var raw = words is ["raw", ..];
        var size = raw ? words[1..] : words;
        return size switch
        {
            [] => new Request.New(null, raw),
            [var digits] when Number(digits) is { } mib => new Request.New(mib, raw),
            [_] => Bad(StatusCode.BadNumber, "the size is a number of MiB", value),
            _ => Surplus(value),
        };
    }

    private static Request Send(string[] words, ReadOnlySpan<byte> value) => words switch
    {
        [] => Bad(StatusCode.MissingWord, "send needs the name of the receiver", value),
        ["@ask"] => new Request.SendAsk(),
        ["@ask", ..] => Surplus(value),
        ["disposable", .. var rest] => SendDisposable(rest, value),
        ["Domain-0", ..] => Bad(StatusCode.NotDom0, "nothing is sent to dom0", value),
        [var to, ..] when !VmName.TryParse(to, out _) => Bad(StatusCode.BadName, "no VM that takes part can have this name", value),
        [var to] => new Request.Send(VmName.Parse(to), null),
        [var to, var digits] => Number(digits) is { } seq ? new Request.Send(VmName.Parse(to), seq) : BadSeq(value),
        _ => Surplus(value),
    };

    private static Request SendDisposable(string[] words, ReadOnlySpan<byte> value) => words switch
    {
        [] => Bad(StatusCode.MissingWord, "send disposable needs a sequence number", value),
        [var digits, ..] when Number(digits) is null => BadSeq(value),
        [var digits] => new Request.SendDisposable(Number(digits)!.Value, ViewOnly: false),
        [var digits, "view"] => new Request.SendDisposable(Number(digits)!.Value, ViewOnly: true),
        [_, _] => Bad(StatusCode.UnknownRequest, "after the sequence number comes view or nothing", value),
        _ => Surplus(value),
    };

    private static Request.Malformed BadSeq(ReadOnlySpan<byte> value) =>
        Bad(StatusCode.BadNumber, "the sequence number is 1 to 2147483647", value);

    private static int? Number(string digits) =>
        digits.Length <= 10 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : null;

    private static Request.Malformed Surplus(ReadOnlySpan<byte> value) =>
        Bad(StatusCode.SurplusWord, "there are more words than this request has", value);

    private static Request.Malformed Bad(StatusCode code, string reason, ReadOnlySpan<byte> value) =>
        new(code, reason, Quote.Bytes(value));
}
