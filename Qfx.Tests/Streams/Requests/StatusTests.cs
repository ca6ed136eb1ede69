using System.Text;
using CsCheck;
using Qfx.Streams.Requests;

namespace Qfx.Tests.Streams.Requests;

public class StatusTests
{
    [Fact]
    public void A_status_is_a_number_a_word_and_a_text() =>
        Assert.Equal("3 not-received the receiver says no", Encoding.ASCII.GetString(new Status(3, StatusCode.NotReceived, "the receiver says no").Encode()));

    [Fact]
    public void It_has_at_most_256_bytes_of_printable_ASCII_and_its_count_is_read_back() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Enum<StatusCode>(), Gen.String).Sample((n, code, text) =>
        {
            var bytes = new Status(n, code, text).Encode();
            return bytes.Length <= Status.MaxLength && bytes.All(b => b is >= 0x20 and <= 0x7E) && Status.CountOf(bytes) == n;
        });

    [Fact]
    public void A_long_one_is_cut_and_what_is_not_printable_is_a_question_mark()
    {
        Assert.Equal("1 failed " + new string('x', 247), Encoding.ASCII.GetString(new Status(1, StatusCode.Failed, new('x', 300)).Encode()));
        Assert.Equal("1 failed ?a?~?", Encoding.ASCII.GetString(new Status(1, StatusCode.Failed, "\na\u001f~\u007f").Encode()));
    }

    [Theory]
    [InlineData("7 asking the person", true)]
    [InlineData("7 waiting", true)]
    [InlineData("7 waitings", false)]
    [InlineData("7 wait", false)]
    [InlineData("7 attached xvdg", false)]
    [InlineData("7 ready asking", false)]
    [InlineData("waiting", true)]
    [InlineData("", false)]
    public void A_status_that_says_that_a_request_is_open(string value, bool open) => Assert.Equal(open, Status.IsOpen(Encoding.ASCII.GetBytes(value)));

    [Fact]
    public void Every_code_has_a_word_of_its_own() =>
        Assert.Equal(Enum.GetValues<StatusCode>().Length, Enum.GetValues<StatusCode>().Select(code => code.Word()).Distinct().Count());

    [Theory]
    [InlineData("", 0)]
    [InlineData("7", 7)]
    [InlineData("12 attached xvdg", 12)]
    [InlineData("-1 x", 0)]
    [InlineData("99999999999 x", 0)]
    [InlineData("x 3", 0)]
    [InlineData(" 3", 0)]
    [InlineData("3", 3)]
    public void A_count_that_is_none_is_0(string value, int expected) => Assert.Equal(expected, Status.CountOf(Encoding.ASCII.GetBytes(value)));
}
