using System.Text;
using CsCheck;
using Qfx.Streams.Domains;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

public class RequestParserTests
{
    private static readonly string[] Words =
    [
        "new", "send", "umount", "cancel", "killme", "raw", "ok", "failed", "view", "@ask", "disposable", "Domain-0", "1", "0", "work", "\0", "é",
    ];

    public static TheoryData<string, Request> Requests => new()
    {
        { "new", new Request.New(null, false) },
        { " new\t\n", new Request.New(null, false) },
        { "new 64", new Request.New(64, false) },
        { "new raw", new Request.New(null, true) },
        { "new raw 2048", new Request.New(2048, true) },
        { "send personal", new Request.Send(VmName.Parse("personal"), null) },
        { "send  a.b_c-D9  7", new Request.Send(VmName.Parse("a.b_c-D9"), 7) },
        { "send raw", new Request.Send(VmName.Parse("raw"), null) },
        { "send @ask", new Request.SendAsk() },
        { "send disposable 2147483647", new Request.SendDisposable(int.MaxValue, false) },
        { "send disposable 1 view", new Request.SendDisposable(1, true) },
        { "umount", new Request.Umount(null) },
        { "umount ok", new Request.Umount(true) },
        { "umount failed", new Request.Umount(false) },
        { "cancel", new Request.Cancel() },
        { "killme", new Request.KillMe() },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Each_request_is_read(string text, Request expected) => Assert.Equal(expected, RequestParser.Parse(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(" \t\r\n", StatusCode.BadRequest)]
    [InlineData("hello", StatusCode.UnknownRequest)]
    [InlineData("NEW", StatusCode.UnknownRequest)]
    [InlineData("new x", StatusCode.BadNumber)]
    [InlineData("new 0", StatusCode.BadNumber)]
    [InlineData("new 1 2", StatusCode.SurplusWord)]
    [InlineData("new raw 1 2", StatusCode.SurplusWord)]
    [InlineData("send", StatusCode.MissingWord)]
    [InlineData("send -x", StatusCode.BadName)]
    [InlineData("send Domain-0", StatusCode.NotDom0)]
    [InlineData("send Domain-0 1", StatusCode.NotDom0)]
    [InlineData("send work 0", StatusCode.BadNumber)]
    [InlineData("send work 2147483648", StatusCode.BadNumber)]
    [InlineData("send work 1 2", StatusCode.SurplusWord)]
    [InlineData("send @ask work", StatusCode.SurplusWord)]
    [InlineData("send disposable", StatusCode.MissingWord)]
    [InlineData("send disposable x", StatusCode.BadNumber)]
    [InlineData("send disposable x view", StatusCode.BadNumber)]
    [InlineData("send disposable 1 look", StatusCode.UnknownRequest)]
    [InlineData("send disposable 1 view 2", StatusCode.SurplusWord)]
    [InlineData("umount maybe", StatusCode.UnknownRequest)]
    [InlineData("umount ok ok", StatusCode.SurplusWord)]
    [InlineData("killme now", StatusCode.SurplusWord)]
    [InlineData("cancel it", StatusCode.SurplusWord)]
    [InlineData("new\0", StatusCode.NotText)]
    [InlineData("send \u00e9", StatusCode.NotAscii)]
    public void What_is_no_request_is_told_what_is_wrong_with_it(string text, StatusCode code) =>
        Assert.Equal(code, Assert.IsType<Request.Malformed>(RequestParser.Parse(Encoding.Latin1.GetBytes(text))).Code);

    [Fact]
    public void A_request_of_128_bytes_is_read_and_one_of_129_is_too_long()
    {
        Assert.Equal(new Request.New(null, false), RequestParser.Parse(Encoding.ASCII.GetBytes("new".PadRight(128))));
        Assert.Equal(StatusCode.TooLong, Assert.IsType<Request.Malformed>(RequestParser.Parse(Encoding.ASCII.GetBytes("new".PadRight(129)))).Code);
    }

    [Fact]
    public void Whatever_the_bytes_the_parser_answers_and_what_it_quotes_is_short_printable_ASCII_on_one_line() =>
        Gen.Byte.Array[1, 5000].Sample(bytes => RequestParser.Parse(bytes) is not Request.Malformed bad || IsHarmless(bad));

    [Fact]
    public void Words_thrown_together_are_read_or_refused_and_never_more() =>
        Gen.Int[0, Words.Length - 1].Select(i => Words[i]).Array[0, 6].Sample(words =>
            {
                var request = RequestParser.Parse(Encoding.Latin1.GetBytes(" " + string.Join(' ', words)));
                return request is not Request.Malformed bad || IsHarmless(bad);
            });

    [Fact]
    public void A_name_survives_the_request_it_stands_in() =>
        Gen.Char["abcXYZ019"].Select(Gen.String[Gen.Char["abcXYZ019_.-"], 0, 30], (first, rest) => first + rest)
            .Where(name => VmName.TryParse(name, out _))
            .Sample(name => RequestParser.Parse(Encoding.ASCII.GetBytes($"send {name}")) is Request.Send send && send.To.ToString() == name);

    private static bool IsHarmless(Request.Malformed bad) =>
        bad.Quoted.Length <= (Quote.MaxShown * 4) + 40 && bad.Quoted.All(c => c is >= ' ' and <= '~') && bad.Reason.All(c => c is >= ' ' and <= '~');
}
